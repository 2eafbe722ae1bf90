// Reads orders from a PostgreSQL database and from a CSV file, counts those in error, and mails when they are over 10 %.
//
//   extract_postgres ──┐
//                      ├─▶ count_orders ─▶ decide ─┬─▶ write_report ─▶ send_alert
//   find_csv ─▶ extract_csv ┘                      └─▶ all_quiet
//
// It needs the connections test_db (postgres) and smtp_default (smtp), and the variable orders_csv: the path of the file.
#include <venturi/dag.h>

#include <cstdio>

using namespace venturi;
using namespace std::chrono_literals;

struct Order {
  std::optional<std::int64_t> id, customer_id;
  std::optional<double> amount;
  std::optional<std::string> status;
  std::optional<Time> created_at;
};
VENTURI_STRUCT(Order, id, customer_id, amount, status, created_at);

struct Problem {
  std::string id, why;
};
VENTURI_STRUCT(Problem, id, why);

struct Quality {
  std::int64_t in_error = 0, all = 0;
  std::vector<Problem> first;  // ten at most, PostgreSQL before CSV, in the order of their rows
};
VENTURI_STRUCT(Quality, in_error, all, first);

struct Report {
  std::string subject, text, html;
};
VENTURI_STRUCT(Report, subject, text, html);

constexpr std::size_t shown = 10;

// What is wrong with an order; empty where nothing is. A field that is missing or cannot be read has no value.
std::string problem_of(const Order& order) {
  std::string missing;
  const auto check = [&missing](bool is_there, const char* name) {
    if (!is_there) missing += missing.empty() ? name : std::string(", ") + name;
  };
  check(order.id.has_value(), "id");
  check(order.customer_id.has_value(), "customer_id");
  check(order.amount.has_value(), "amount");
  check(order.status.has_value(), "status");
  check(order.created_at.has_value(), "created_at");
  if (!missing.empty()) return "missing or unreadable: " + missing;
  return *order.status == "error" ? "status error" : "";
}

std::string find_csv(const Context& context) {
  return context.get_variable("orders_csv");
}

// An order in both sources counts twice.
Quality count_orders(const Context& context, const RunFile& postgres, const RunFile& csv) {
  Quality quality;
  for (const RunFile* source : {&postgres, &csv}) {
    for (const Order& order : source->rows<Order>()) {
      ++quality.all;
      std::string why = problem_of(order);
      if (why.empty()) continue;
      ++quality.in_error;
      if (quality.first.size() < shown)
        quality.first.push_back({order.id ? std::to_string(*order.id) : "without id", std::move(why)});
    }
  }
  if (quality.all == 0) context.log().warning("there are no orders at all, neither in the database nor in the file");
  context.log().info(quality.in_error, " of ", quality.all, " orders are in error");
  return quality;
}

// Exactly 10 % is quiet, and so is nothing at all.
std::string decide(const Quality& quality) {
  return 10 * quality.in_error > quality.all ? "write_report" : "all_quiet";
}

Report write_report(const Context& context, const Quality& quality) {
  char share[32];
  std::snprintf(share, sizeof share, "%.1f %%",
                100.0 * static_cast<double>(quality.in_error) / static_cast<double>(quality.all));
  const std::string figures =
      std::to_string(quality.in_error) + " of " + std::to_string(quality.all) + " orders (" + share + ")";
  Report report;
  report.subject = "Заказы с ошибками: " + figures;
  report.text = figures + " are in error, more than 10 %.\nБолее 10 % заказов содержат ошибки.\n\nThe first ones:\n";
  report.html = "<p><b>" + figures +
                "</b> are in error, more than 10 %.<br>Более 10 % заказов содержат ошибки.</p>\n<p>The first ones:</p>\n<ul>\n";
  for (const Problem& problem : quality.first) {
    report.text += "  " + problem.id + "  " + problem.why + "\n";
    report.html += "<li>" + problem.id + ": " + problem.why + "</li>\n";
  }
  report.text += "\nRun " + context.run_id() + "\n";
  report.html += "</ul>\n<p>Run " + context.run_id() + "</p>\n";
  return report;
}

VENTURI_DAG(order_quality,
            {.schedule = "@daily",
             .start_date = "2026-01-01",
             .catchup = false,
             .tags = {"example", "etl"},
             .description = "Mails when more than 10 % of the orders are in error",
             .default_args = {.retries = 2, .retry_delay = 2s, .on_failure_callback = email_to("ops@example.com")}}) {
  auto postgres = dag.add(
      PostgresToFileOperator{.task_id = "extract_postgres",
                             .conn_id = "test_db",
                             .sql = "select id, customer_id, amount, status, created_at from orders order by id",
                             .columns = columns_of<Order>()},
      {.retries = 3, .retry_delay = 1s, .retry_exponential_backoff = 2, .max_retry_delay = 5s, .execution_timeout = 10min});
  auto path = dag.task<find_csv>({.retries = 1, .retry_delay = 1s});
  auto csv = dag.add(CsvToFileOperator{.task_id = "extract_csv", .path = path, .columns = columns_of<Order>()},
                     {.retries = 2, .retry_delay = 1s, .execution_timeout = 10min});
  auto quality = dag.task<count_orders>({.retries = 1, .execution_timeout = 10min})(postgres, csv);
  auto decision = dag.branch<decide>({.retries = 1})(quality);
  auto report = dag.task<write_report>({.retries = 1})(quality);
  auto mail = dag.add(EmailOperator{.task_id = "send_alert",
                                    .to = {"ops@example.com"},
                                    .subject = report.get(&Report::subject),
                                    .text_content = report.get(&Report::text),
                                    .html_content = report.get(&Report::html)},
                      {.retries = 4, .retry_delay = 2s});
  decision >> report >> mail;
  decision >> dag.empty("all_quiet");
}
