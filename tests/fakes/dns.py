"""A name server on loopback: a zone as a table, and names at which it is silent, refuses, or talks nonsense."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterable, Mapping

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[tuple[str, str], Iterable[str]]


def quoted(text: str) -> str:
    """A TXT record in zone-file form: strings of at most 255 bytes, which resolvers join."""
    parts = [text[at : at + 200] for at in range(0, len(text), 200)] or [""]
    return " ".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts)


class NameServer:
    """Answers over UDP while the block runs. ``asked`` counts its questions."""

    def __init__(self, zone: Zone) -> None:
        self.zone = {(name.lower(), kind): list(texts) for (name, kind), texts in zone.items()}
        self.silent: set[str] = set()
        self.refusing: set[str] = set()
        self.garbled: set[str] = set()
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def place(self) -> str:
        """As ``--server`` wants it."""
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> NameServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                wire, peer = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            answer = self._answer(wire)
            if answer is not None:
                self._socket.sendto(answer, peer)

    def _answer(self, wire: bytes) -> bytes | None:
        self.asked += 1
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if name in self.silent:
            return None
        if name in self.garbled:
            return wire[:2] + b"\x84\x00\x00\x01\x00\x09" + b"nonsense"
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if name in self.refusing:
            response.set_rcode(dns.rcode.SERVFAIL)
            return response.to_wire()
        self._fill(response, name, dns.rdatatype.to_text(question.rdtype))
        return response.to_wire(max_size=65535)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        if not any(known == name or known.endswith(f".{name}") for known, _ in self.zone):
            response.set_rcode(dns.rcode.NXDOMAIN)
            return
        seen: set[str] = set()
        while kind != "CNAME" and (name, "CNAME") in self.zone and name not in seen:
            seen.add(name)
            target = self.zone[name, "CNAME"][0].lower()
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "CNAME", f"{target}."))
            name = target
        texts = self.zone.get((name, kind), [])
        if texts:
            written = [quoted(text) if kind == "TXT" else _absolute(kind, text) for text in texts]
            response.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", kind, *written))


def _absolute(kind: str, text: str) -> str:
    return f"{text}." if kind in ("CNAME", "MX", "PTR") and not text.endswith(".") else text
