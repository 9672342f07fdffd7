"""The plain competitor's tables: nothing sealed, no attempts, no leases, no plan of what comes next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import DateTime


class Base(DeclarativeBase):
    """All of them."""


class Person(Base):
    __tablename__ = "peer_people"
    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str]
    email: Mapped[str]


class Consent(Base):
    __tablename__ = "peer_consents"
    person_id: Mapped[int] = mapped_column(ForeignKey("peer_people.id"), primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    granted: Mapped[bool]


class Message(Base):
    __tablename__ = "peer_messages"
    __table_args__ = (Index("peer_messages_status", "status"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("peer_people.id"))
    status: Mapped[str]
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Sent(Base):
    __tablename__ = "peer_sent"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("peer_messages.id"))
    email: Mapped[str]
    subject: Mapped[str]
    html: Mapped[str]
    text: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Signup(Base):
    __tablename__ = "peer_signups"
    id: Mapped[int] = mapped_column(primary_key=True)
    given_name: Mapped[str]
    email: Mapped[str]
    main_pain: Mapped[str]
    zone: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
