"""The pages in a real browser: what they look like, whether they can be read, and the pictures of the README.

VENTURI_PICTURES=FOLDER (docs/pictures) has it keep the pictures; scripts/pictures does that.
"""

import html
import json
import os
import pathlib
import unittest

from support.browser import Browser, PROGRAM
from support.orders import OrdersCase, orders

# Every text that is seen, with its colour on what is behind it: those below the contrast that WCAG 2.1 asks for.
CONTRAST = """
(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const light = (c) => { const [r, g, b] = [0, 1, 2].map(i => { const v = c[i] / 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const bad = [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('svg') || element.closest('.unseen') || element.closest('.skip')) continue;
    const text = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim()).join('');
    if (!text || !element.getClientRects().length) continue;
    let behind = element, back = [0, 0, 0, 0];
    while (behind && back[3] < 255) { back = rgb(getComputedStyle(behind).backgroundColor); behind = behind.parentElement; }
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(back)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < (element.matches('.cell') ? 3 : 4.5)) bad.push(`${text.slice(0, 40)} (${element.className}): ${ratio.toFixed(2)}`);
  }
  return JSON.stringify([...new Set(bad)]);
})()
"""


def mail_page(mail):
    """As a mail program shows it: what was received, no more."""
    part = mail.get_body(("html",)) or mail.get_body(("plain",))
    body = part.get_content()
    if part.get_content_subtype() != "html":
        body = f"<pre style='white-space:pre-wrap'>{html.escape(body)}</pre>"
    heads = "".join(f"<tr><th>{name}</th><td>{html.escape(str(mail[name]))}</td></tr>" for name in ("From", "To", "Subject", "Date"))
    return ("<!DOCTYPE html><meta charset=utf-8><style>body{font:14px/1.5 system-ui,'DejaVu Sans',sans-serif;margin:0;color:#1b2430;background:#fff}"
            ".heads{width:100%;background:#f0f2f5;border-bottom:1px solid #dfe4ea;padding:10px 18px}.heads th{text-align:left;color:#566273;font-weight:500;width:90px}"
            f".body{{padding:8px 22px 20px}}</style><table class=heads>{heads}</table><div class=body>{body}</div>")


@unittest.skipUnless(PROGRAM, "there is no chromium: scripts/install-packages browser")
class BrowserTest(OrdersCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pictures = pathlib.Path(os.environ.get("VENTURI_PICTURES") or cls.folder)
        shop = "dag_id: {id}\ndescription: {text}\nschedule: '{when}'\nstart_date: 2026-01-01\ntags: [{tag}]\ntasks:\n  - {{task_id: load, operator: BashOperator, bash_command: 'exit {code}'}}\n  - {{task_id: tell, operator: EmptyOperator, upstream: [load]}}\n"
        for id, text, when, tag, code in (("customers", "Customers, from the CRM", "@hourly", "etl", 0), ("prices", "Prices of the suppliers", "0 5 * * *", "etl", 1), ("stock_report", "What is in stock, on Mondays", "0 6 * * 1", "report", 0)):
            (cls.venturi.home / "dags" / f"{id}.yaml").write_text(shop.format(id=id, text=text, when=when, tag=tag, code=code))
            cls.venturi.wait_for_dag(id)
            cls.venturi.cli("dags", "unpause", id)
            cls.venturi.wait_until(lambda: all(row["state"] in ("success", "failed") for row in cls.venturi.rows("dags", "list-runs", id)))
            for number in range(5):
                cls.venturi.trigger(id, f"by_hand_{number}")
        cls.venturi.cli("dags", "pause", "stock_report")
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)
        cls.url = (cls.venturi.home / "run" / "api_url").read_text().strip()
        cls.browser.size(1200, 700)
        password = json.dumps((cls.venturi.home / "admin_password").read_text().strip())
        cls.browser.load(cls.url + "/dags/order_quality")
        cls.browser.submit(f"document.querySelector('#username').value = 'admin'; document.querySelector('#password').value = {password};"
                           "document.querySelector('.login button').click()")
        cls.after_log_in = cls.browser.evaluate("location.pathname")

    def picture(self, name, url, width=1200):
        self.browser.size(width, 300)
        self.browser.load(url)
        file = self.pictures / f"{name}.png"
        self.browser.picture(file, whole=True)
        self.assertLess(file.stat().st_size, 200_000, "pictures of a README are small")

    def test_pictures(self):
        self.load_an_alert()
        mail, = self.mails_of(lambda: self.run_to("success", "alert"), 1)
        for number in range(3):
            self.run_to("success", f"later_{number}")
        self.postgres.stop()
        try:
            failure, = self.mails_of(lambda: self.run_to("failed", "database_down"), 1)
        finally:
            self.postgres.start()
        self.picture("dags", self.url + "/")
        self.picture("run", self.url + "/dags/order_quality/runs/alert")
        for name, received in (("alert_mail", mail), ("failure_mail", failure)):
            page = self.folder / f"{name}.html"
            page.write_text(mail_page(received))
            self.picture(name, page.as_uri(), 900 if name == "alert_mail" else 1100)

    def test_everybody_can_read_it(self):
        self.load(orders(10, {}), orders(10, {}))
        self.run_to("success", "to_read")
        run = "/dags/order_quality/runs/to_read"
        for path in ("/", "/dags/order_quality", "/dags/order_quality/code", "/dags/order_quality/trigger", run, run + "/tasks/count_orders", "/dags/prices", "/connections",
                     "/new/connections", "/variables", "/pools", "/import-errors", "/simulation?hours=24", "/?said=saved", "/nope"):
            for width, dark in ((1200, False), (1200, True), (375, False), (375, True)):
                with self.subTest(path=path, width=width, dark=dark):
                    self.browser.size(width, 800, dark=dark, mobile=width < 600)
                    self.browser.load(self.url + path)
                    self.assertEqual(json.loads(self.browser.evaluate(CONTRAST)), [])
                    self.assertLessEqual(self.browser.evaluate("document.documentElement.scrollWidth"), width, "nothing is beside the screen")
        told = [text for text in self.browser.refused() if "404" not in text]
        self.assertEqual(told, [], "the pages ask for nothing that their own policy refuses")

    def test_the_log_in_leads_to_where_one_wanted_to_go(self):
        self.assertEqual(self.after_log_in, "/dags/order_quality")

    def test_a_form_without_script(self):
        self.browser("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.browser.size(1200, 800)
            self.browser.load(self.url + "/dags/customers")
            self.browser.submit("document.querySelector('form[action$=\"/pause\"] button').click()")
            self.assertEqual(self.browser.evaluate("document.querySelector('.said').textContent"), "Paused: no new runs are scheduled.")
        finally:
            self.browser("Emulation.setScriptExecutionDisabled", value=False)
        self.venturi.cli("dags", "unpause", "customers")


if __name__ == "__main__":
    unittest.main()
