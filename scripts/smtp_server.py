#!/usr/bin/python3
"""A real SMTP server for tests and the demo, on Debian's python3-aiosmtpd: keeps what it gets in a folder and never sends on.

The first line on stdout is the port, the second one, only with --tls, the port that speaks TLS from the first byte. Each mail
becomes NNNN.eml, the bytes as they came, and beside it NNNN.json with the envelope: from, to, login, tls. Ends at the end of
stdin with --until-stdin-ends, else at SIGTERM or Ctrl-C.
"""

import argparse
import asyncio
import base64
import json
import logging
import os
import pathlib
import signal
import ssl
import sys
import warnings

try:
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
except ImportError:
    sys.exit("smtp_server.py: no aiosmtpd for " + sys.executable + " (install it: apt-get install python3-aiosmtpd)")


class Keeper:
    """Answers the commands; what it refuses, it refuses with the codes of a real server."""

    def __init__(self, options):
        self.options = options
        self.count = 0
        self.attempts = 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in self.options.refuse:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        self.attempts += 1
        if self.attempts <= self.options.defer:
            return "451 4.3.0 try again later"
        if self.options.delay:
            await asyncio.sleep(self.options.delay)
        self.count += 1
        name = f"{self.count:04}"
        login = session.auth_data.login.decode() if session.auth_data else None
        about = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "login": login, "tls": session.ssl is not None}
        for suffix, data in ((".json", json.dumps(about).encode()), (".eml", envelope.original_content)):
            path = self.options.folder / (name + suffix)
            temporary = path.with_suffix(path.suffix + ".tmp")
            temporary.write_bytes(data)
            temporary.rename(path)
        return f"250 2.0.0 kept as {name}"


class TokenKeeper(Keeper):
    """Offers AUTH XOAUTH2 too. aiosmtpd finds the method by its name."""

    async def auth_XOAUTH2(self, server, args):
        try:
            answer = base64.b64decode(args[1], validate=True) if len(args) > 1 else await server.challenge_auth("")
            user, bearer = answer.decode().removesuffix("\x01\x01").split("\x01")
        except (ValueError, AttributeError):
            return AuthResult(success=False, handled=False)
        if (user, bearer) == (f"user={self.options.user}", f"auth=Bearer {self.options.token}"):
            return AuthResult(success=True, auth_data=LoginPassword(self.options.user.encode(), b""))
        # What is wrong comes first, as a challenge that the client answers with an empty line.
        await server.challenge_auth(json.dumps({"status": "401", "schemes": "bearer"}))
        return AuthResult(success=False, handled=False)


def authenticator(options):
    def check(server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and data.login.decode() == options.user and data.password.decode() == options.password
        # handled=False makes aiosmtpd answer 535 itself; with True it would answer nothing.
        return AuthResult(success=right, handled=False, auth_data=data if right else None)

    return check


async def hang(reader, writer):
    """Takes connections and never says a word."""
    try:
        await reader.read()
    finally:
        writer.close()


async def serve(options):
    loop = asyncio.get_running_loop()
    servers = []
    if options.hang:
        servers.append(await asyncio.start_server(hang, options.host, options.port))
    else:
        keeper = TokenKeeper(options) if options.token else Keeper(options)
        context = None
        if options.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*options.tls)
        common = {"hostname": "mail.test", "enable_SMTPUTF8": True}
        if options.user:
            common |= {"authenticator": authenticator(options), "auth_required": True, "auth_require_tls": bool(options.require_tls)}
            if not options.password:
                common["auth_exclude_mechanism"] = ["PLAIN", "LOGIN"]
        servers.append(await loop.create_server(lambda: SMTP(keeper, tls_context=context, require_starttls=options.require_tls, **common),
                                                options.host, options.port))
        if context:
            common["auth_require_tls"] = False  # the whole connection is TLS, which aiosmtpd does not see
            servers.append(await loop.create_server(lambda: SMTP(keeper, **common), options.host, options.tls_port, ssl=context))
    for server in servers:
        print(server.sockets[0].getsockname()[1], flush=True)
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    if options.until_stdin_ends:
        loop.add_reader(sys.stdin.fileno(), lambda: os.read(sys.stdin.fileno(), 4096) or over.set())
    await over.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], epilog=__doc__.split("\n\n", 1)[1])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (the default): one that is free")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("."), help="where the mails go; made where it is missing")
    parser.add_argument("--user", help="a login is wanted before any mail: this one")
    parser.add_argument("--password", help="its password; better in the environment variable SMTP_SERVER_PASSWORD")
    parser.add_argument("--token", help="offer AUTH XOAUTH2, with this access token; better in the environment variable SMTP_SERVER_TOKEN")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"), help="offer STARTTLS, and TLS from the first byte on a second port")
    parser.add_argument("--tls-port", type=int, default=0, help="of the second port")
    parser.add_argument("--require-tls", action="store_true", help="take no login and no mail in plain text")
    parser.add_argument("--hang", action="store_true", help="take connections and never answer")
    parser.add_argument("--refuse", action="append", default=[], metavar="ADDRESS", help="answer 550 to this receiver; repeatable")
    parser.add_argument("--defer", type=int, default=0, metavar="N", help="answer 451 to the first N mails")
    parser.add_argument("--delay", type=float, default=0, metavar="SECONDS", help="before a mail is answered")
    parser.add_argument("--until-stdin-ends", action="store_true", help="end when stdin does: dies with whoever started it")
    parser.add_argument("--verbose", action="store_true", help="show what aiosmtpd says")
    options = parser.parse_args()
    if not options.verbose:
        warnings.simplefilter("ignore")
        logging.getLogger("mail").setLevel(logging.CRITICAL + 1)
    options.password = options.password or os.environ.get("SMTP_SERVER_PASSWORD", "")
    options.token = options.token or os.environ.get("SMTP_SERVER_TOKEN", "")
    if options.user and not options.password and not options.token:
        parser.error("--user needs --password or SMTP_SERVER_PASSWORD, or --token or SMTP_SERVER_TOKEN")
    if options.token and not options.user:
        parser.error("--token needs --user")
    if options.require_tls and not options.tls:
        parser.error("--require-tls needs --tls")
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(serve(options))
    except OSError as error:
        sys.exit(f"smtp_server.py: {error}")


if __name__ == "__main__":
    main()
