"""The proof of concept, examples/order_quality, against a real PostgreSQL and a real SMTP server: alert, quiet, nothing at all, and
a database that stays down."""

import re
import unittest

from support.orders import OrdersCase, broken, orders


class OrderQualityTest(OrdersCase):
    programs = ("e2e_data",)

    def test_alert(self):
        self.load_an_alert()
        mail, = self.mails_of(lambda: self.run_to("success", "alert"), 1)
        self.assertEqual(self.states("order_quality", "alert"),
                         {"extract_postgres": "success", "find_csv": "success", "extract_csv": "success", "count_orders": "success",
                          "decide": "success", "write_report": "success", "send_alert": "success", "all_quiet": "skipped"})
        self.assert_alert(mail)

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
