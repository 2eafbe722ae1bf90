"""Connections, files and servers that are not as they should be: each task fails with what, where and what to do, and the rest of
its run goes on."""

import json
import socket
import unittest

from support.case import HomeCase
from support.postgres import Postgres, free_port
from support.smtp import Smtp


class BadDataTest(HomeCase):
    programs = ("e2e_data",)
    runs = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start_server("read_csv", "read_database", "send_mail")

    def fails(self, dag_id, task_id, conf, *parts):
        """The task fails for this reason, which stands in its row and in its log; the task beside it succeeds."""
        self.runs += 1
        run_id = f"{self._testMethodName}_{self.runs}"
        self.assertEqual(self.venturi.trigger(dag_id, run_id, "-c", json.dumps(conf)), "failed", self.venturi.states(dag_id, run_id))
        rows = self.venturi.states(dag_id, run_id)
        self.assertEqual((rows[task_id]["state"], rows["other"]["state"]), ("failed", "success"))
        self.assert_parts(rows[task_id]["why"], *parts)
        self.assert_parts(self.task_log(dag_id, run_id, task_id), *parts)
        return rows[task_id]["why"]

    # ---- CSV ----

    def csv_fails(self, data, *parts):
        path = self.folder / (self._testMethodName + ".csv")
        path.write_bytes(data)
        self.fails("read_csv", "extract", {"path": str(path)}, path, *parts)

    def test_csv_that_is_not_there(self):
        self.fails("read_csv", "extract", {"path": "/no/such.csv"}, "/no/such.csv", "No such file or directory")

    def test_csv_without_a_column(self):
        self.csv_fails(b"id,nom\n1,x\n", "line 1: there is no column name (there are: id, nom)")

    def test_csv_with_broken_quotes(self):
        self.csv_fails(b'id,name\n1,fine\n2,"never closed\n3,x\n', "line 3: the quote that opens here is never closed")

    def test_csv_in_another_encoding(self):
        self.csv_fails("id,name\n1,Жук\n".encode("cp1251"), "line 2: byte 0xc6", "is not UTF-8",
                       "give the file's encoding, or convert it (iconv -t UTF-8)")

    def test_csv_with_ten_megabytes_in_one_field(self):
        self.csv_fails(b"id,name\n1," + b"x" * 10_000_000 + b"\n", "line 2: a field of more than 1048576 bytes, the limit")

    # ---- connections ----

    def test_a_connection_that_there_is_not(self):
        for dag_id, task_id in (("read_database", "extract"), ("send_mail", "send")):
            self.fails(dag_id, task_id, {"connection": "nobody_knows"}, "there is no connection nobody_knows", "venturi connections add nobody_knows")

    # ---- PostgreSQL ----

    def test_a_database_that_is_down(self):
        port = free_port()
        self.venturi.connection("down", f"postgresql://me:the_password@127.0.0.1:{port}/shop")
        why = self.fails("read_database", "extract", {"connection": "down"}, f"127.0.0.1:{port}", "Connection refused",
                         "does the server run, and is the port right?")
        self.assertNotIn("the_password", why)

    def test_a_database_that_refuses(self):
        server = Postgres(self.folder / "postgres").start()
        self.addCleanup(server.stop)
        self.venturi.connection("refuses", server.connection.replace(server.password, "not_the_password"))
        why = self.fails("read_database", "extract", {"connection": "refuses"}, f"127.0.0.1:{server.port}",
                         'password authentication failed for user "postgres"')
        self.assertNotIn("not_the_password", why)
        self.venturi.connection("fine", server.connection)
        self.fails("read_database", "extract", {"connection": "fine"}, 'relation "people" does not exist')

    def silent_port(self):
        """Takes connections, and never says a word."""
        listener = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.addCleanup(listener.close)
        return listener.getsockname()[1]

    def test_a_database_that_hangs(self):
        port = self.silent_port()
        self.venturi.connection("hangs", f"postgresql://me:the_password@127.0.0.1:{port}/shop?connect_timeout=2")
        self.fails("read_database", "extract", {"connection": "hangs"}, f"127.0.0.1:{port}", "no answer within 2 s (connect_timeout)")

    # ---- mail ----

    def mail_connection(self, conn_id, port, password="the_password", **extra):
        self.venturi.connection(conn_id, json.dumps({
            "conn_type": "smtp", "host": "127.0.0.1", "port": port, "login": "venturi", "password": password,
            "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "venturi@example.com", **extra}}))

    def test_a_mail_server_that_is_down(self):
        port = free_port()
        self.mail_connection("mail_down", port)
        self.fails("send_mail", "send", {"connection": "mail_down"}, f"mail server 127.0.0.1:{port}", "Connection refused",
                   "does it run, and is the port right?")

    def test_a_mail_server_that_refuses_the_password(self):
        smtp = Smtp(self.folder / "mails").start()
        self.addCleanup(smtp.stop)
        self.mail_connection("mail_refuses", smtp.port, "not_the_password")
        why = self.fails("send_mail", "send", {"connection": "mail_refuses"}, f"mail server 127.0.0.1:{smtp.port}",
                         "it refused the login of venturi: 535", "check login and password of the connection", "connection mail_refuses")
        self.assertNotIn("not_the_password", why)
        self.assertEqual(smtp.mails(), [])

    def test_a_mail_server_that_hangs(self):
        port = self.silent_port()
        self.mail_connection("mail_hangs", port, timeout=2)
        self.fails("send_mail", "send", {"connection": "mail_hangs"}, f"mail server 127.0.0.1:{port}", "no answer within 2 s")


if __name__ == "__main__":
    unittest.main()
