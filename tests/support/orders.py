"""examples/order_quality on a real PostgreSQL and a real SMTP server, whatever language it is written in."""

import email
import email.policy
import re
import shutil

from .case import HomeCase
from .postgres import Postgres
from .smtp import Smtp
from .venturi import ROOT

GOOD = ("7", "10.50", "оплачен", "2026-01-01 10:00:00")  # customer, amount, status, created_at
HEADER = "id,customer_id,amount,status,created_at\n"


def orders(count, bad):
    """Rows of orders 1 to `count`; `bad` has the fields of those in error."""
    return [(str(i), *bad.get(i, GOOD)) for i in range(1, count + 1)]


def broken(**fields):
    return tuple(fields.get(name, value) for name, value in zip(("customer_id", "amount", "status", "created_at"), GOOD))


class OrdersCase(HomeCase):
    dag_id = "order_quality"
    source = "order_quality.cpp"

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
        shutil.copy(ROOT / "examples" / "order_quality" / cls.source, cls.venturi.home / "dags")
        cls.csv.write_text(HEADER)
        cls.start_server(cls.dag_id)
        cls.venturi.cli("dags", "unpause", cls.dag_id)
        # The run of today's schedule finds no orders, and is over before there are any.
        cls.venturi.wait_until(lambda: [row["state"] for row in cls.venturi.rows("dags", "list-runs", cls.dag_id)] == ["success"],
                               what="the end of the scheduled run")

    def load(self, database, file):
        rows = "\n".join(",".join(row) for row in database) + "\n"
        self.postgres.sql("truncate orders")
        if database:
            self.postgres.sql("copy orders from stdin with (format csv)", input=rows.encode())
        self.csv.write_text(HEADER + "".join(",".join(row) + "\n" for row in file))

    def mails_of(self, action, count):
        """The `count` mails that came in while action() ran, and just after it."""
        before = set(self.smtp.mails())
        action()
        self.venturi.wait_until(lambda: len(self.smtp.mails()) >= len(before) + count, what=f"{count} mails")
        new = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in self.smtp.mails() if path not in before]
        self.assertEqual(len(new), count, [mail["Subject"] for mail in new])
        return new

    def run_to(self, state, run_id):
        self.assertEqual(self.venturi.trigger(self.dag_id, run_id), state, self.venturi.states(self.dag_id, run_id))

    def load_an_alert(self):
        database = orders(30, {3: broken(status="error"), 9: broken(customer_id=""), 17: broken(created_at=""), 21: broken(status=""),
                               26: broken(status="error")})
        # By position, not by number. 17 is in error in both and counts twice.
        numbers = [17, 105, 103, "№ 17", 120, 111, 110, 112]
        file = [(str(number), *(GOOD if number == "№ 17" else broken(status="error"))) for number in numbers]
        file += [(str(number), *GOOD) for number in range(200, 222)]
        self.load(database, file)

    def assert_alert(self, mail):
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
