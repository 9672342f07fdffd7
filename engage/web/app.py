"""The web app, built from a runtime."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from engage.runtime import Runtime
from engage.web import (
    access,
    api,
    appointments,
    check_inbox,
    check_ins,
    consultation,
    context,
    errors,
    health,
    hooks,
    lessons,
    mailbox,
    mailbox_acts,
    metrics,
    my_data,
    numbers,
    preferences,
    public,
    security,
    staff,
    texts,
    unsubscribe,
)

MAX_BODY = 64 * 1024


def create_app(runtime: Runtime) -> Flask:
    """A WSGI app over ``runtime``. Opens nothing and reads no environment."""
    settings = runtime.settings
    app = Flask("engage.web", template_folder=str(settings.templates_dir.resolve() / "web"))
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY,
        SEND_FILE_MAX_AGE_DEFAULT=31536000,
        # An error is answered with our page in tests too, as people get it.
        PROPAGATE_EXCEPTIONS=False,
    )
    app.url_map.strict_slashes = False
    context.prepare(app, runtime)
    security.protect(app, https=settings.public_url.startswith("https://"))
    access.watch(app, hooks.LIMITS | staff.LIMITS)
    errors.handle(app)
    for blueprint in (
        public.pages,
        check_inbox.pages,
        check_ins.pages,
        consultation.pages,
        lessons.pages,
        appointments.pages,
        appointments.files,
        texts.pages,
        unsubscribe.pages,
        numbers.pages,
        preferences.pages,
        preferences.addresses,
        my_data.pages,
        health.pages,
        hooks.pages,
        metrics.pages,
    ):
        app.register_blueprint(blueprint)
    app.register_blueprint(staff.blueprint())
    app.register_blueprint(api.blueprint())
    if settings.development:
        app.register_blueprint(mailbox.pages)
        app.register_blueprint(mailbox_acts.pages)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return app
