// The tasks of the hooks' tests. What a task returns is compared; `params` of its run say what it is to do.
#include <venturi/dag.h>
#include <venturi/hooks.h>

#include <chrono>
#include <fstream>
#include <map>

using namespace venturi;

namespace {

struct Order {
  std::int64_t id = 0;
  std::string customer;
  std::optional<double> amount;
  bool paid = false;
  std::optional<Time> placed;
};
VENTURI_STRUCT(Order, id, customer, amount, paid, placed);

struct Typed {
  std::int16_t small = 0;
  std::string exact;
  double near = 0;
  std::vector<std::int64_t> numbers;
  Value json;
  std::optional<std::string> nothing;
  Time day;
  std::string id;
};
VENTURI_STRUCT(Typed, small, exact, near, numbers, json, nothing, day, id);

std::string param(const Context& context, const char* name) {
  return context.params().get_string(name);
}

// What a call throws, with what its detail says.
template <class F>
std::string error_of(const F& f) {
  try {
    f();
  } catch (const HookError& e) {
    return std::string(e.what()) + " " + to_json(e.detail());
  } catch (const std::exception& e) {
    return e.what();
  }
  return "no error";
}

std::vector<Order> query(const Context& context) {
  const PostgresHook db(context, "db");
  db.run(
      "CREATE TABLE IF NOT EXISTS o (id bigint PRIMARY KEY, customer text, amount numeric(10,2), paid bool, placed "
      "timestamptz)");
  db.run("TRUNCATE o");
  const std::vector<Order> orders{{1, "O'Neil $1 %s", 10.25, true, parse_time("2026-01-02T03:04:05.5Z")},
                                  {2, "", std::nullopt, false, std::nullopt}};
  db.insert_rows("o", orders);
  return db.query<Order>("SELECT *, 7 AS other FROM o WHERE id >= $1 AND customer <> ALL($2) ORDER BY id", 1,
                         std::vector<std::string>{"x", "y\"z"});
}

Array types(const Context& context) {
  const PostgresHook db(context, "db");
  const auto row = db.first<Typed>(
      "SELECT 7::smallint AS small, 12345678901234567890.10::numeric AS exact, 0.1::numeric AS near, ARRAY[1,2] AS numbers, "
      "%s::jsonb AS json, NULL::text AS nothing, '2026-03-04'::date AS day, '6f1c9a52-0000-4000-8000-000000000001'::uuid AS id",
      Value(Object{{"a", Array{1, nullptr}}}));
  const Array all = *db.get_first("SELECT %(n)s::int + 1, %(t)s, %(n)s::bigint", Object{{"n", 41}, {"t", "it's"}});
  return {to_value(*row),
          Value(all),
          db.scalar<std::int64_t>("SELECT count(*) FROM generate_series(1, $1)", 10),
          db.scalar<Time>("SELECT $1::timestamptz", *parse_time("2026-01-02T03:04:05Z")) == *parse_time("2026-01-02T03:04:05Z"),
          Value(db.get_records("SELECT 1, 'a' UNION SELECT 2, NULL ORDER BY 1").size()),
          db.first<std::int64_t>("SELECT 1 WHERE false") ? 1 : 0,
          db.run("UPDATE pg_class SET relname = relname WHERE false"),
          to_value(db.query<std::optional<bool>>("SELECT b FROM (VALUES (true), (NULL)) v(b)"))};
}

Array errors(const Context& context) {
  const PostgresHook db(context, "db");
  const PostgresHook wrong(context, "wrong_password");
  db.run("CREATE TABLE IF NOT EXISTS u (id int PRIMARY KEY); TRUNCATE u; INSERT INTO u VALUES (1)");
  Array list;
  const auto add = [&list](const auto& f) { list.push_back(error_of(f)); };
  add([&] { db.run("INSERT INTO u VALUES ($1)", 1); });
  add([&] { (void)db.query<Order>("SELECT 1 AS id"); });
  add([&] { (void)db.query<std::int64_t>("SELECT 1, 2"); });
  add([&] { (void)db.query<std::int64_t>("SELECT NULL::int AS n"); });
  add([&] { (void)db.scalar<std::int64_t>("SELECT 1 WHERE false"); });
  add([&] { (void)db.query<std::int64_t>("CREATE TABLE IF NOT EXISTS u (id int)"); });
  add([&] { db.run("  "); });
  add([&] { db.run("SELECT $1", 1, 2); });
  add([&] { db.run("BEGIN"); });
  add([&] { db.run("COPY u TO STDOUT"); });
  add([&] { db.run("COPY u FROM STDIN"); });
  add([&] { wrong.run("SELECT 1"); });
  add([&] { PostgresHook(context, "none").run("SELECT 1"); });
  add([&] { db.insert_rows("u", std::vector<std::vector<std::int64_t>>{{2}, {3, 4}}, {.target_fields = {"id"}}); });
  add([&] { (void)db.transaction({.isolation = "chaos"}); });
  add([&] { db.run("SELECT 1"); });
  return list;
}

Array transactions(const Context& context) {
  const PostgresHook db(context, "db");
  db.run("DROP TABLE IF EXISTS t; CREATE TABLE t (n int)");
  const auto count = [&db] { return db.scalar<std::int64_t>("SELECT count(*) FROM t"); };
  Array seen;
  {
    auto transaction = db.transaction();
    transaction.run("INSERT INTO t VALUES ($1)", 1);
    seen.push_back(transaction.scalar<std::int64_t>("SELECT count(*) FROM t"));
    seen.push_back(count());  // another connection does not see it
  }
  seen.push_back(count());
  auto transaction = db.transaction({.isolation = "serializable"});
  transaction.insert_rows("t", std::vector<std::vector<std::int64_t>>{{1}, {2}, {3}});
  transaction.commit();
  seen.push_back(count());
  auto failing = db.transaction();
  failing.run("INSERT INTO t VALUES (9)");
  seen.push_back(error_of([&] { failing.run("SELECT 1/0"); }));
  seen.push_back(error_of([&] { failing.commit(); }));
  auto reading = db.transaction({.read_only = true});
  {
    auto rows = reading.rows<std::string>("SELECT repeat('x', 100000) FROM generate_series(1, 1000)");
    seen.push_back(std::int64_t(rows.begin()->size()));
    seen.push_back(error_of([&] { reading.run("SELECT 1"); }));
  }
  seen.push_back(reading.scalar<std::int64_t>("SELECT count(*) FROM t"));  // the rest of the rows was dropped
  return seen;
}

// More than a frame holds, and than the host may keep, row by row.
Array large(const Context& context) {
  const PostgresHook db(context, "db");
  // What is given up half way keeps no connection: a task has 16.
  for (int i = 0; i < 20; ++i)
    (void)error_of([&] { (void)db.query<Order>("SELECT repeat('x', 100000) AS other FROM generate_series(1, 1000)"); });
  std::int64_t rows = 0, bytes = 0;
  for (const std::string& text : db.rows<std::string>("SELECT repeat('x', 100000) FROM generate_series(1, $1)", 1500)) {
    ++rows;
    bytes += static_cast<std::int64_t>(text.size());
  }
  return {rows, bytes, std::int64_t(db.query<std::int64_t>("SELECT * FROM generate_series(1, 300000)").size())};
}

Array copies(const Context& context) {
  const PostgresHook db(context, "db");
  db.run(
      "DROP TABLE IF EXISTS src, dst; CREATE TABLE src (id bigint, name text, at timestamptz, ok bool, x float8);"
      "INSERT INTO src SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE E'a\\tb\\\\c\\n' || i END, now(), i % 2 = 0, i / 4.0 "
      "FROM generate_series(1, 20000) i; CREATE TABLE dst (LIKE src)");
  Array seen;
  const RunFile file = db.to_file("SELECT * FROM src WHERE id <= $1", "src.rows", 20000);
  seen.push_back(file.row_count);
  seen.push_back(db.load_file("dst", file));
  const char* same =
      "SELECT count(*) FROM src JOIN dst USING (id) WHERE src.name IS NOT DISTINCT FROM dst.name AND src.at = dst.at "
      "AND src.ok = dst.ok AND src.x = dst.x";
  seen.push_back(db.scalar<std::int64_t>(same));
  const std::string csv = context.run_dir() + "/src.csv";
  seen.push_back(db.to_csv("SELECT * FROM src", csv));
  db.run("TRUNCATE dst");
  seen.push_back(db.load_csv("public.dst", csv));
  seen.push_back(db.scalar<std::int64_t>(same));
  std::ofstream(context.run_dir() + "/bad.csv") << "id,name,at,ok,x\nseven,,,,\n";
  seen.push_back(error_of([&] { db.load_csv("dst", context.run_dir() + "/bad.csv"); }));
  seen.push_back(db.insert_rows("dst", std::vector<Array>{{1, "new"}, {2, nullptr}}, {.target_fields = {"id", "name"}}));
  db.run("CREATE TABLE IF NOT EXISTS keyed (id int PRIMARY KEY, name text)");
  const InsertOptions upsert{.target_fields = {"id", "name"}, .replace = true, .replace_index = {"id"}};
  db.insert_rows("keyed", std::vector<Array>{{1, "a"}, {2, "b"}}, upsert);
  db.insert_rows("keyed", std::vector<Array>{{2, "c"}, {3, "d"}}, upsert);
  seen.push_back(db.scalar<std::string>("SELECT string_agg(name, '' ORDER BY id) FROM keyed"));
  return seen;
}

std::int64_t sleep_long(const Context& context) {
  PostgresHook(context, "db").run("SELECT pg_sleep(60) /* " + param(context, "mark") + " */");
  return 0;
}

// Its host is killed while a statement runs, and once more between two calls.
Array survives(const Context& context) {
  const PostgresHook db(context, "db");
  Array seen;
  auto transaction = db.transaction();
  seen.push_back(error_of([&] { transaction.run("SELECT pg_sleep(60) /* survivor */"); }));
  seen.push_back(error_of([&] { transaction.commit(); }));
  seen.push_back(db.scalar<std::int64_t>("SELECT 1"));
  return seen;
}

double many_calls(const Context& context) {
  const PostgresHook db(context, "db");
  (void)db.scalar<std::int64_t>("SELECT 0");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 10'000; ++i) {
    if (db.scalar<std::int64_t>("SELECT $1::bigint", i) != i) fail_task("another answer");
  }
  return 10'000 / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Array http(const Context& context) {
  const HttpHook http(context, "api");
  Array seen;
  const HttpResponse posted =
      http.post("/echo", {.json = Object{{"a", 1}}, .params = Object{{"q", "x y"}}, .headers = Object{{"X-One", "1"}}});
  const Value echo = posted.json();
  seen.push_back(Object{{"status", posted.status},
                        {"method", echo.at("method")},
                        {"target", echo.at("target")},
                        {"body", echo.at("body")},
                        {"one", echo.at("headers").at("x-one")},
                        {"tls", echo.at("tls")},
                        {"type", posted.header("content-type")}});
  for (const char* method : {"PUT", "PATCH", "DELETE"}) seen.push_back(http.run(method, "/echo").json().at("method"));
  seen.push_back(http.get("/echo", {.data = Object{{"a", "b"}}}).json().at("target"));
  seen.push_back(error_of([&] { (void)http.get("/status/404?body=no+such+order"); }));
  seen.push_back(http.get("/status/404", {.extra_options = Object{{"check_response", false}}}).status);
  seen.push_back(http.get("/flaky/x/2/503", {.retry_args = Object{{"attempts", 3}, {"wait", 0.01}}}).status);
  Array pages;
  for (const HttpResponse& page : http.get_pages("/next?cursor=1&of=3", Object{{"next_link", "/paging/next"}}))
    pages.push_back(page.json().at("items"));
  seen.push_back(std::move(pages));
  seen.push_back(std::int64_t(http.get("/zeros/20000000").text.size()));  // in pages
  seen.push_back(error_of([&] { (void)http.get("/zeros/80000000"); }));
  seen.push_back(error_of([&] { (void)http.get("/echo").json().at("nothing"); }));
  const std::string path = http.download("/zeros/3000000", "zeros");
  seen.push_back(std::int64_t(std::ifstream(path, std::ios::ate).tellg()));
  seen.push_back(error_of([&] { (void)http.download("/zeros/30", "few", {.max_bytes = 10}); }));
  return seen;
}

Array smtp(const Context& context) {
  std::ofstream(context.run_dir() + "/orders.csv") << "id\n1\n";
  SmtpHook(context, "mail")
      .send_email_smtp({.to = {"ada@example.com"},
                        .subject = "Orders",
                        .html_content = "<b>1</b> order",
                        .files = {context.run_dir() + "/orders.csv"}});
  std::ofstream(context.run_dir() + "/chart.png") << "\x89PNG";
  Email with_image{.to = {"ada@example.com"},
                   .subject = "Chart",
                   .html_content = "<img src=\"cid:chart.png\">",
                   .files = {context.run_dir() + "/chart.png"},
                   .mime_charset = "iso-8859-15",
                   .custom_headers = Object{{"X-Team", "data"}},
                   .mime_subtype = "related"};
  const auto send = [&](const Email& email) { return error_of([&] { SmtpHook(context, "mail").send_email_smtp(email); }); };
  Array seen{send({.to = {"ada"}, .subject = "x", .text_content = "y"}),
             send({.to = {"no@example.com"}, .subject = "x", .text_content = "y"}), send(with_image)};
  with_image.dryrun = true;
  seen.push_back(send(with_image));
  seen.push_back(send({.to = {"ada@example.com"}, .text_content = "y"}));
  return seen;
}

Array render(const Context& context) {
  return {context.render("plain"),
          context.render("{{ dag.dag_id }}.{{ task.task_id }} {{ params.mark }} {{ run_id }} {{ conn.db.host }}"),
          context.render_template(Object{{"a", Array{"{{ ti.try_number }}", 5}}}),
          error_of([&] { (void)context.render("{{ nothing }}"); })};
}

std::string leaks(const Context& context) {
  return error_of([&] { PostgresHook(context, "db").run("SELECT '" + context.get_connection("db").password + "'::int"); });
}

}  // namespace

VENTURI_DAG(d, {.params = {{"mark", "m"}}}) {
  dag.task<query>();
  dag.task<types>();
  dag.task<errors>();
  dag.task<transactions>();
  dag.task<large>();
  dag.task<copies>();
  dag.task<sleep_long>();
  dag.task<survives>();
  dag.task<many_calls>();
  dag.task<http>();
  dag.task<smtp>();
  dag.task<render>();
  dag.task<leaks>();
}
