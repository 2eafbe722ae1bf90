"""The proof of concept, examples/order_quality, against a real PostgreSQL and a real SMTP server: alert, quiet, nothing at all, and
a database that stays down."""

import email
import email.policy
import re
import shutil
import unittest

from support.case import HomeCase
from support.postgres import Postgres
from support.smtp import Smtp
from support.venturi import ROOT

GOOD = ("7", "10.50", "оплачен", "2026-01-01 10:00:00")  # customer, amount, status, created_at


def orders(count, bad):
    """Rows of orders 1 to `count`; `bad` has the fields of those in error."""
    return [(str(i), *bad.get(i, GOOD)) for i in range(1, count + 1)]


def broken(**fields):
    return tuple(fields.get(name, value) for name, value in zip(("customer_id", "amount", "status", "created_at"), GOOD))


class OrderQualityTest(HomeCase):
    programs = ("e2e_data",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.postgres = Postgres(cls.folder / "postgres").start()
        cls.addClassCleanup(cls.postgres.stop)
        cls.smtp = Smtp(cls.folder / "mails").start()
        cls.addClassCleanup(cls.smtp.stop)
        cls.csv = cls.folder / "orders.csv"
        cls.postgres.sql("create table orders(id bigint, customer_id bigint, amount double precision, status text, created_at timestamp)")
        cls.venturi.connection("test_db", cls.postgres.connection)
        cls.venturi.connection("smtp_default", cls.smtp.connection)
        cls.venturi.cli("variables", "set", "orders_csv", cls.csv)
        shutil.copy(ROOT / "examples" / "order_quality" / "order_quality.cpp", cls.venturi.home / "dags" / "order_quality.cpp")
        cls.start_server("order_quality")
        cls.venturi.cli("dags", "unpause", "order_quality")

    def load(self, database, file):
        rows = "\n".join(",".join(row) for row in database) + "\n"
        self.postgres.sql("truncate orders")
        if database:
            self.postgres.sql("copy orders from stdin with (format csv)", input=rows.encode())
        self.csv.write_text("id,customer_id,amount,status,created_at\n" + "".join(",".join(row) + "\n" for row in file))

    def mails_of(self, action, count):
        """The `count` mails that came in while action() ran, and just after it."""
        before = set(self.smtp.mails())
        action()
        self.venturi.wait_until(lambda: len(self.smtp.mails()) >= len(before) + count, what=f"{count} mails")
        new = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in self.smtp.mails() if path not in before]
        self.assertEqual(len(new), count, [mail["Subject"] for mail in new])
        return new

    def run_to(self, state, run_id):
        self.assertEqual(self.venturi.trigger("order_quality", run_id), state, self.venturi.states("order_quality", run_id))

    def test_alert(self):
        database = orders(30, {3: broken(status="error"), 9: broken(customer_id=""), 17: broken(created_at=""), 21: broken(status=""),
                               26: broken(status="error")})
        # By position, not by number. 17 is in error in both and counts twice.
        numbers = [17, 105, 103, "№ 17", 120, 111, 110, 112]
        file = [(str(number), *(GOOD if number == "№ 17" else broken(status="error"))) for number in numbers]
        file += [(str(number), *GOOD) for number in range(200, 222)]
        self.load(database, file)
        mail, = self.mails_of(lambda: self.run_to("success", "alert"), 1)
        self.assertEqual(self.states("order_quality", "alert"),
                         {"extract_postgres": "success", "find_csv": "success", "extract_csv": "success", "count_orders": "success",
                          "decide": "success", "write_report": "success", "send_alert": "success", "all_quiet": "skipped"})
        self.assertEqual(mail["Subject"], "Заказы с ошибками: 13 of 60 orders (21.7 %)")
        self.assertEqual((mail["From"], mail["To"]), ("venturi@example.com", "ops@example.com"))
        text = mail.get_body(("plain",)).get_content()
        self.assert_parts(text, "13 of 60 orders (21.7 %)", "Более 10 % заказов содержат ошибки.", "Run alert")
        shown = re.findall(r"^  (\S+|without id)  (.+?)\s*$", text, re.MULTILINE)
        self.assertEqual([number for number, _ in shown], ["3", "9", "17", "21", "26", "17", "105", "103", "without id", "120"])
        self.assertEqual([why for _, why in shown][:4],
                         ["status error", "missing or unreadable: customer_id", "missing or unreadable: created_at", "missing or unreadable: status"])
        html = mail.get_body(("html",)).get_content()
        self.assert_parts(html, "Более 10 % заказов содержат ошибки.", "<li>without id: missing or unreadable: id</li>")
        self.assertEqual(html.count("<li>"), 10)

        files = self.venturi.home / "files" / "order_quality" / "alert"
        self.assertEqual(sorted(path.name for path in files.iterdir()), ["extract_csv.rows", "extract_postgres.rows"])
        self.venturi.cli("dags", "delete-run", "order_quality", "alert", "--yes")
        self.assertFalse(files.exists())

    def test_exactly_ten_percent_is_quiet(self):
        self.load(orders(30, {n: broken(status="error") for n in (1, 2, 3)}), orders(20, {n: broken(amount='"12,5o"') for n in (4, 5)}))
        self.mails_of(lambda: self.run_to("success", "quiet"), 0)
        states = self.states("order_quality", "quiet")
        self.assertEqual((states["all_quiet"], states["write_report"], states["send_alert"]), ("success", "skipped", "skipped"))
        self.assertIn("5 of 50 orders are in error", self.task_log("order_quality", "quiet", "count_orders"))

    def test_no_orders_at_all(self):
        self.load([], [])
        self.mails_of(lambda: self.run_to("success", "nothing"), 0)
        self.assertEqual(self.states("order_quality", "nothing")["send_alert"], "skipped")
        lines = self.task_log("order_quality", "nothing", "count_orders").splitlines()
        self.assertTrue([line for line in lines if "there are no orders at all" in line and "warning" in line.lower()], lines)

    def test_database_stays_down(self):
        self.load(orders(10, {}), orders(10, {}))
        self.postgres.stop()
        try:
            mail, = self.mails_of(lambda: self.run_to("failed", "down"), 1)
        finally:
            self.postgres.start()
        rows = self.venturi.states("order_quality", "down")
        self.assertEqual({task: row["state"] for task, row in rows.items()},
                         {"extract_postgres": "failed", "find_csv": "success", "extract_csv": "success", "count_orders": "upstream_failed",
                          "decide": "upstream_failed", "write_report": "upstream_failed", "send_alert": "upstream_failed",
                          "all_quiet": "upstream_failed"})
        self.assertEqual(rows["extract_postgres"]["try_number"], 4)
        for number in range(1, 5):
            self.assert_parts(self.task_log("order_quality", "down", "extract_postgres", "--try", number),
                              f"127.0.0.1:{self.postgres.port}", "Connection refused", "does the server run, and is the port right?")
        text = mail.get_body(("plain",)).get_content()
        self.assert_parts(mail["Subject"], "order_quality", "extract_postgres")
        log = self.venturi.home / "logs" / "dag_id=order_quality" / "run_id=down" / "task_id=extract_postgres" / "attempt=4.log"
        self.assertTrue(log.is_file(), log)
        self.assert_parts(re.sub(r"\s+", " ", text), "order_quality", "down", "extract_postgres", "4 of 4", "Connection refused", log)
        self.assertNotIn(self.postgres.password, mail.as_string())
        # The next run finds the database again.
        self.mails_of(lambda: self.run_to("success", "up_again"), 0)

    def test_letters_of_all_kinds_arrive_as_they_were(self):
        self.postgres.sql("create table people(id bigint, name text); insert into people values (1, 'Ёжик'), (2, 'Zoë 🦔')")
        file = self.folder / "people.csv"
        file.write_text("id,name\n3,Щука\n4,\"«Лев», 李\"\n")
        mail, = self.mails_of(lambda: self.assertEqual(
            self.venturi.trigger("letters", "one", "-c", f'{{"path": "{file}"}}'), "success", self.venturi.states("letters", "one")), 1)
        self.assertEqual(mail["Subject"], "Привет: Ёжик Zoë 🦔 Щука «Лев», 李")
        self.assertEqual(mail.get_body(("plain",)).get_content().split("\n")[:4], ["1 Ёжик", "2 Zoë 🦔", "3 Щука", "4 «Лев», 李"])
        self.assertIn("<li>«Лев», 李</li>", mail.get_body(("html",)).get_content())


if __name__ == "__main__":
    unittest.main()
