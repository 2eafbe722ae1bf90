#!/usr/bin/python3
"""Keeps mails in memory: SMTP on 1025, GET /api/v1/messages on 8025 with what a test asks of Mailpit's answer, and a page of the subjects."""

import email
import email.policy
import html
import http.server
import json
import signal
import threading

from aiosmtpd.controller import Controller

mails = []


class Keeper:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        body = mail.get_body(("plain", "html"))
        mails.insert(0, {"From": {"Address": envelope.mail_from}, "To": [{"Address": a} for a in envelope.rcpt_tos], "Subject": mail["Subject"],
                         "Snippet": body.get_content()[:250] if body else ""})
        return "250 2.0.0 kept"


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        is_list = self.path.partition("?")[0] == "/api/v1/messages"
        text = json.dumps({"total": len(mails), "messages": mails}) if is_list else \
            "<ul>" + "".join(f"<li>{html.escape(str(m['Subject']))}</li>" for m in mails) + "</ul>"
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if is_list else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    Controller(Keeper(), hostname="0.0.0.0", port=1025).start()
    page = http.server.ThreadingHTTPServer(("0.0.0.0", 8025), Page)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=page.shutdown).start())
    page.serve_forever()
