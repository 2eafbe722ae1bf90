"""The proof of concept without code, examples/order_quality/order_quality.yaml: what comes of it is what comes of the C++ file."""

import unittest

from support.orders import OrdersCase, broken, orders


class OrderQualityYamlTest(OrdersCase):
    dag_id = "order_quality_yaml"
    source = "order_quality.yaml"

    def test_alert(self):
        self.load_an_alert()
        mail, = self.mails_of(lambda: self.run_to("success", "alert"), 1)
        self.assertEqual(self.states(self.dag_id, "alert"),
                         {"create_table": "success", "load_csv": "success", "count_orders": "success", "decide": "success",
                          "send_alert": "success", "all_quiet": "skipped"})
        self.assert_alert(mail)

    def test_exactly_ten_percent_is_quiet(self):
        self.load(orders(30, {n: broken(status="error") for n in (1, 2, 3)}), orders(20, {n: broken(amount='"12,5o"') for n in (4, 5)}))
        self.mails_of(lambda: self.run_to("success", "quiet"), 0)
        states = self.states(self.dag_id, "quiet")
        self.assertEqual((states["all_quiet"], states["send_alert"]), ("success", "skipped"))
        self.assertIn("[5, 50, ", self.task_log(self.dag_id, "quiet", "count_orders").replace("[5,50,", "[5, 50, "))

    def test_no_orders_at_all(self):
        self.load([], [])
        self.mails_of(lambda: self.run_to("success", "nothing"), 0)
        self.assertEqual(self.states(self.dag_id, "nothing")["send_alert"], "skipped")

    def test_database_stays_down(self):
        self.load(orders(10, {}), orders(10, {}))
        self.postgres.stop()
        try:
            mail, = self.mails_of(lambda: self.run_to("failed", "down"), 1)
        finally:
            self.postgres.start()
        rows = self.venturi.states(self.dag_id, "down")
        self.assertEqual({task: row["state"] for task, row in rows.items()},
                         {"create_table": "failed", "load_csv": "upstream_failed", "count_orders": "upstream_failed",
                          "decide": "upstream_failed", "send_alert": "upstream_failed", "all_quiet": "upstream_failed"})
        self.assertEqual(rows["create_table"]["try_number"], 4)
        self.assert_parts(mail["Subject"], self.dag_id, "create_table")
        self.assertNotIn(self.postgres.password, mail.as_string())
        # The next run finds the database again.
        self.mails_of(lambda: self.run_to("success", "up_again"), 0)


if __name__ == "__main__":
    unittest.main()
