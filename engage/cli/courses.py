"""``engage courses``: the courses as data, and a person's course."""

from __future__ import annotations

import os
import sys

import click

from engage import clinic as clinic_file
from engage.cli.context import fail, print_json, runtime, told
from engage.content import lint as linter
from engage.content.library import Library
from engage.runtime import clinic_text, without_letter
from engage.services import courses as service
from engage.services import deliverability, people
from engage.services.courses import NoSuchPerson
from engage.services.deliverability import NoSuchCourse
from engage.settings import load


@click.group()
def courses() -> None:
    """Courses: list them, check them, pause one for everybody, stop a person's."""


@courses.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def list_(as_json: bool) -> None:
    """List the courses and their lessons. Needs no database.

    Example: engage courses list
    """
    settings = load(os.environ)
    library = Library.load(settings.templates_dir, clinic_text(clinic_file.load(settings.clinic_file)))
    if as_json:
        print_json(
            [
                {
                    "course": course.slug,
                    "title": course.title,
                    "lessons": [{"lesson": x.slug, "title": x.title, "day": x.day} for x in course.lessons],
                }
                for course in library.courses.values()
            ]
        )
        return
    for course in library.courses.values():
        click.echo(f"{course.slug}: {course.title}")
        for lesson in course.lessons:
            click.echo(f"  day {lesson.day:>3}  {lesson.at:%H:%M}  {lesson.slug}")


@courses.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def lint(as_json: bool) -> None:
    """Check every course and letter: structure, words, sources, reading grade. Exit 1 on any finding.

    Example: engage courses lint
    """
    settings = load(os.environ)
    clinic = clinic_text(clinic_file.load(settings.clinic_file))
    problems = linter.lint(settings.templates_dir, clinic)
    if not any(settings.templates_dir.glob("courses/*/course.toml")):
        fail(
            f"{settings.templates_dir}/courses holds no course (ENGAGE_TEMPLATES names the templates' folder)"
        )
    letters = settings.templates_dir / "email"
    problems += without_letter(
        (path.name for path in letters.glob("*") if path.is_dir()),
        (path.stem for path in settings.templates_dir.glob("sms/*.txt")),
    )
    reports = linter.report(settings.templates_dir, clinic)
    if as_json:
        print_json({"problems": problems, "lessons": reports})
    else:
        click.echo(f"{'lesson':<46} {'words':>5} {'grade':>6} {'with terms':>11} {'HTML bytes':>11}")
        for x in reports:
            name = f"{x.course}/{x.slug}"
            click.echo(
                f"{name:<46} {x.words:>5} {x.grade:>6.1f} {x.grade_with_terms:>11.1f} {x.html_bytes:>11}"
            )
        for problem in problems:
            click.echo(str(problem), err=True)
    if problems:
        fail(f"{len(problems)} finding(s)")


@courses.command()
@click.argument("person")
@click.option("--reason", type=click.Choice(["booked", "stopped"]), default="booked", show_default=True)
@click.option("--course", default=None, help="Only this course.")
@told
def stop(person: str, reason: str, course: str | None) -> None:
    """Stop the courses of PERSON: an id, an email address, or - to read one from standard input.

    Example: engage courses stop - --reason booked
    """
    rt = runtime()
    if course is not None and course not in rt.library.courses:
        fail(f"There is no course {course!r}; there is: {', '.join(rt.library.courses)}")
    who = sys.stdin.readline().strip() if person == "-" else person
    try:
        ended = sum(service.stop(rt, id, reason, course) for id in people.find(rt, who))
    except NoSuchPerson:
        fail("There is no person with that id or confirmed address.")
    click.echo(f"stopped {ended} course(s)")


@courses.command()
@click.argument("course")
@told
def pause(course: str) -> None:
    """Let nothing of COURSE leave, for nobody, until it is resumed. What is being sent now still arrives.

    Example: engage courses pause chronic-pain
    """
    rt = runtime()
    try:
        new = deliverability.pause(rt, course)
    except NoSuchCourse:
        fail(f"There is no course {course!r}; there is: {', '.join(rt.library.courses)}")
    click.echo("paused" if new else "it was paused already: `engage doctor` says since when and why")


@courses.command()
@click.argument("course")
@told
def resume(course: str) -> None:
    """Let COURSE go on, whoever paused it. Lessons that waited leave at the next decent hour.

    Example: engage courses resume chronic-pain
    """
    woken = deliverability.resume(runtime(), course)
    if woken is None:
        fail(f"The course {course!r} is not paused.")
    click.echo(f"resumed; {woken} message(s) waited for it")
