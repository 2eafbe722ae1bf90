// The hook `bigquery` of tasks.
//
//   job{configuration, job_id, nowait, timeout, poll_interval} ─▶ {resource}      submitted, waited for, cancelled with its
//   task query{configuration, ..., most, as}                        ─▶ {columns, rows, more}         a job and its first rows
//   job_rows{project_id, job_id, location, most, as}, table_rows{dataset_id, table_id, selected_fields, most, as}  ─▶ the same
//   rows{more, as}                                             ─▶ {rows, more}                  the page after it
//   insert_all{dataset_id, table_id, rows, first}              rows that are refused are an error
//   request{verb, path, query, body, accepts}                  ─▶ {body}, or {refused: STATUS} of one that is accepted
//   partition_exists{dataset_id, table_id, partition_id}       ─▶ {found}
//
// What goes on with a result is in `more`: nothing of it is kept here.
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/percent.h"
#include "base/random.h"
#include "operators/hook_session.h"
#include "operators/outcome.h"
#include "providers/google/bigquery.h"
#include "providers/google/bigquery_client.h"
#include "providers/google/bigquery_job.h"
#include "providers/google/bigquery_rows.h"

namespace venturi::providers {
namespace bigquery_calls {
namespace {

namespace asio = boost::asio;
using operators::HookCall;
using operators::HookSession;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using Client = std::shared_ptr<BigQuery>;
using Steady = std::chrono::steady_clock;

constexpr std::int64_t most_at_once = 5'000;  // rows of a page; BigQuery gives fewer where they are large
constexpr double first_look = 0.25;

// ---- jobs -------------------------------------------------------------------------------------------------------------------

std::string path_of(const BigQueryJob& job) {
  return fmt::format("{}/jobs/{}", percent_encoded(job.project), percent_encoded(job.id));
}
net::QueryItems place_of(const BigQueryJob& job) {
  return job.location.empty() ? net::QueryItems{} : net::QueryItems{{"location", job.location}};
}
void learn_place(BigQueryJob& job, const Value& resource) {
  const Value* reference = resource.get("jobReference");
  if (reference != nullptr && job.location.empty()) job.location = reference->get_string("location");
}

[[noreturn]] void fail_as_ended() {
  throw boost::system::system_error(asio::error::operation_aborted);
}

asio::awaitable<void> cancel(operators::TryLog& log, Client bigquery, BigQueryJob job) {
  std::string failed;
  try {
    const auto hurried = bigquery->hurried();
    (void)co_await hurried->call("POST", path_of(job) + "/cancel", place_of(job), std::nullopt, "job " + job.text());
    log.info(fmt::format("job {} was cancelled", job.text()));
  } catch (const std::exception& e) {
    failed = e.what();
  }
  if (!failed.empty()) log.warning(fmt::format("job {} may still run: {}", job.text(), failed));
}

// Whoever ends the task meanwhile waits for the answer: a request that was given up may begin a job after it was cancelled.
asio::awaitable<Value> insert(HookSession& session, Client bigquery, std::shared_ptr<BigQueryJob> job, Value configuration) {
  Object reference{{"projectId", job->project}, {"jobId", job->id}};
  if (!job->location.empty()) reference.set("location", job->location);
  const Value body = Object{{"jobReference", std::move(reference)}, {"configuration", std::move(configuration)}};
  session.log.info(fmt::format("Submitting job {}", job->text()));
  Value resource;
  bool is_there = false;
  std::exception_ptr failed;
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  try {
    resource = co_await bigquery->call("POST", percent_encoded(job->project) + "/jobs", {}, body, "job " + job->text());
  } catch (const GoogleRefused& e) {
    is_there = e.status == google_status::conflict;
    if (!is_there) failed = std::current_exception();
  } catch (...) {
    failed = std::current_exception();
  }
  co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
  if (failed) std::rethrow_exception(failed);
  if (session.ending.cancelled) co_return Value();
  if (is_there) {
    session.log.info(fmt::format("Job {} is there already: it is not submitted again", job->text()));
    resource = co_await bigquery->get(path_of(*job), place_of(*job), "job " + job->text());
  }
  learn_place(*job, resource);
  co_return resource;
}

asio::awaitable<void> pause_for(double seconds) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)));
  co_await timer.async_wait(asio::use_awaitable);
}

struct Patience {
  double poll_interval = 4;
  std::optional<double> timeout;
};

asio::awaitable<Value> wait_for_end(HookSession& session, Client bigquery, std::shared_ptr<BigQueryJob> job, Value resource,
                                    Patience patience) {
  const auto begun = Steady::now();
  for (double wait = std::min(first_look, patience.poll_interval); !is_done(resource);
       wait = std::min(2 * wait, patience.poll_interval)) {
    if (session.ending.cancelled) fail_as_ended();
    if (patience.timeout && std::chrono::duration<double>(Steady::now() - begun).count() > *patience.timeout) {
      throw operators::HookFailed(
          fmt::format("BigQuery: job {} has not ended after {:g} s (timeout); it goes on", job->text(), *patience.timeout),
          Object{{"reason", "timeout"}, {"job_id", job->id}});
    }
    co_await pause_for(wait);
    resource = co_await bigquery->get(path_of(*job), place_of(*job), "job " + job->text());
  }
  co_return resource;
}

asio::awaitable<Value> run_job(HookSession& session, Client bigquery, std::shared_ptr<BigQueryJob> job, HookCall call) {
  const Value& arguments = call.arguments;
  Patience patience{.poll_interval = arguments.get_double("poll_interval", 4), .timeout = std::nullopt};
  if (!(patience.poll_interval > 0 && patience.poll_interval <= 1e6))
    throw TaskFailedForGood("poll_interval must be a positive number of seconds");
  if (const Value* timeout = arguments.get("timeout")) patience.timeout = timeout->as_double();
  *job = {.project = bigquery->project, .id = arguments.get_string("job_id"), .location = bigquery->location};
  if (job->id.empty()) job->id = "airflow_" + random_password();
  const bool is_dry = arguments.at("configuration").get_bool("dryRun"), waits = !arguments.get_bool("nowait") && !is_dry;
  Value resource;
  std::exception_ptr ended;
  try {
    resource = co_await insert(session, bigquery, job, arguments.at("configuration"));
    if (session.ending.cancelled) fail_as_ended();
    if (waits) resource = co_await wait_for_end(session, bigquery, job, std::move(resource), patience);
  } catch (const boost::system::system_error&) {
    ended = std::current_exception();
  }
  if (ended) {
    // Before anything is waited for: who is cancelled may wait for nothing else.
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (!is_dry) co_await cancel(session.log, bigquery, *job);
    std::rethrow_exception(ended);
  }
  if (waits) judge_bigquery_job(session.log, *job, resource);
  co_return resource;
}

asio::awaitable<Value> job(HookSession& session, Client bigquery, HookCall call) {
  const auto its = std::make_shared<BigQueryJob>();
  Value resource = co_await run_job(session, bigquery, its, std::move(call));
  co_return Object{
      {"project_id", its->project}, {"job_id", its->id}, {"location", its->location}, {"resource", std::move(resource)}};
}

// ---- rows -------------------------------------------------------------------------------------------------------------------

// What text and numbers are in JSON is not always exact: `form` is "text" or "real", of whoever wants more of it.
Value in_form(const Value& field, const Value& raw, Value usual, const std::string& form) {
  const std::string type = field.get_string("type");
  if (form.empty() || !raw.is_string() || type == "TIMESTAMP" || field.get_string("mode") == "REPEATED") return usual;
  if (form == "text") return raw;
  char* end = nullptr;
  const double number = std::strtod(raw.as_string().c_str(), &end);  // NaN and the infinities too
  return *end == '\0' && end != raw.as_string().c_str() ? Value(number) : usual;
}

Array cells_of(const Value& fields, const Value& row, const Value& as) {
  Array cells = bigquery_row(fields, row);
  if (!as.is_object()) return cells;
  const Array& raw = row.at("f").as_array();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Value& field = fields.as_array()[i];
    const Value* value = raw[i].get("v");
    const std::string form = as.get_string(field.get_string("name"), as.get_string("*"));
    if (value != nullptr) cells[i] = in_form(field, *value, std::move(cells[i]), form);
  }
  return cells;
}

// `place`: what the page after it is asked for by.
Value page_body(BigQuery& bigquery, BigQueryPage page, Object place, const Value& arguments) {
  Array columns, rows;
  for (const Value& field : page.fields.as_array()) columns.push_back(field.at("name"));
  rows.reserve(page.rows.size());
  for (const Value& row : page.rows) {
    bigquery.context().memory.take(operators::bytes_of(row), "the rows");
    rows.emplace_back(cells_of(page.fields, row, arguments.get_value("as")));
  }
  const std::int64_t left = place.at("most").as_int() - static_cast<std::int64_t>(rows.size());
  Value more;
  if (!page.next.empty() && left > 0) {
    place.set("token", std::move(page.next));
    place.set("most", left);
    more = Value(std::move(place));
  }
  return Object{{"columns", std::move(columns)}, {"rows", std::move(rows)}, {"more", std::move(more)}};
}

// Of `place`: what a page is asked for by.
asio::awaitable<Value> page(Client bigquery, Value place, HookCall call) {
  const std::int64_t most = std::min(place.get_int("most"), most_at_once);
  BigQueryPage page;
  if (const Value* fields = place.get("fields")) {
    BigQueryTable table{.project = place.get_string("project_id"),
                        .dataset = place.get_string("dataset_id"),
                        .table = place.get_string("table_id")};
    page = co_await page_of_table(*bigquery, std::move(table), *fields, most, place.get_string("token"));
  } else {
    BigQueryJob its{
        .project = place.get_string("project_id"), .id = place.get_string("job_id"), .location = place.get_string("location")};
    page = co_await page_of_job(*bigquery, std::move(its), most, place.get_string("token"));
  }
  co_return page_body(*bigquery, std::move(page), std::move(place.as_object()), call.arguments);
}

std::int64_t most_of(const Value& arguments) {
  const std::int64_t most = arguments.get_int("most");
  return most > 0 ? most : std::numeric_limits<std::int64_t>::max();
}

asio::awaitable<Value> query(HookSession& session, Client bigquery, HookCall call) {
  const auto its = std::make_shared<BigQueryJob>();
  (void)co_await run_job(session, bigquery, its, call);
  Value place =
      Object{{"project_id", its->project}, {"job_id", its->id}, {"location", its->location}, {"most", most_of(call.arguments)}};
  co_return co_await page(bigquery, std::move(place), std::move(call));
}

asio::awaitable<Value> job_rows(HookSession&, Client bigquery, HookCall call) {
  Value place = Object{{"project_id", bigquery->project},
                       {"job_id", call.arguments.get_string("job_id")},
                       {"location", bigquery->location},
                       {"most", most_of(call.arguments)}};
  co_return co_await page(bigquery, std::move(place), std::move(call));
}

asio::awaitable<Value> table_rows(HookSession&, Client bigquery, HookCall call) {
  const Value& arguments = call.arguments;
  const BigQueryTable table{
      .project = bigquery->project, .dataset = arguments.get_string("dataset_id"), .table = arguments.get_string("table_id")};
  std::vector<std::string> columns;
  if (const Value* names = arguments.get("selected_fields")) {
    for (const Value& name : names->as_array()) columns.push_back(name.as_string());
  }
  const Value resource = co_await bigquery->get(path_of_table(table), {}, table.text());
  Value place = Object{{"project_id", table.project},
                       {"dataset_id", table.dataset},
                       {"table_id", table.table},
                       {"fields", fields_of_table(resource, std::move(columns))},
                       {"most", most_of(arguments)}};
  co_return co_await page(bigquery, std::move(place), std::move(call));
}

asio::awaitable<Value> rows(HookSession&, Client bigquery, HookCall call) {
  Value place = call.arguments.at("more");
  co_return co_await page(bigquery, std::move(place), std::move(call));
}

// ---- everything else --------------------------------------------------------------------------------------------------------

asio::awaitable<Value> request(HookSession&, Client bigquery, HookCall call) {
  const Value& arguments = call.arguments;
  std::string path = percent_encoded(bigquery->project), shown;
  for (const Value& segment : arguments.at("path").as_array()) {
    path += "/" + percent_encoded(segment.as_string());
    shown += (shown.empty() ? "" : "/") + segment.as_string();
  }
  net::QueryItems query;
  if (const Value* items = arguments.get("query")) {
    for (const auto& [name, value] : items->as_object()) query.emplace_back(name, value.as_string());
  }
  std::optional<Value> body;
  if (const Value* given = arguments.get("body")) body = *given;
  int refused = 0;
  try {
    Value answer = co_await bigquery->call(arguments.get_string("verb"), std::move(path), std::move(query), std::move(body),
                                           bigquery->project + "/" + shown);
    co_return Object{{"body", std::move(answer)}};
  } catch (const GoogleRefused& e) {
    refused = e.status;
    const Value* accepts = arguments.get("accepts");
    if (accepts == nullptr || !(*accepts == Value(refused))) throw;
  }
  co_return Object{{"refused", refused}};
}

// "row 17: no such field: amuont"; of the first that are refused.
std::string refused_rows(const Array& errors, std::int64_t first) {
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, errors.size()); ++i) {
    const Value* reasons = errors[i].get("errors");
    const Value reason = reasons != nullptr && !reasons->as_array().empty() ? reasons->as_array().front() : Value(Object{});
    const std::string place = reason.get_string("location");
    text += fmt::format("; row {}: {}{}", first + errors[i].get_int("index"), reason.get_string("message"),
                        place.empty() ? "" : " (" + place + ")");
  }
  return text;
}

asio::awaitable<Value> insert_all(HookSession& session, Client bigquery, HookCall call) {
  Value& arguments = call.arguments;
  const BigQueryTable table{
      .project = bigquery->project, .dataset = arguments.get_string("dataset_id"), .table = arguments.get_string("table_id")};
  const std::string id = random_password();
  Array rows;
  for (Value& row : arguments.as_object().find("rows")->as_array())
    rows.push_back(Object{{"insertId", fmt::format("{}-{}", id, rows.size())}, {"json", std::move(row)}});
  const std::size_t count = rows.size();
  const Value body = Object{{"rows", std::move(rows)},
                            {"ignoreUnknownValues", arguments.get_bool("ignore_unknown_values")},
                            {"skipInvalidRows", arguments.get_bool("skip_invalid_rows")}};
  const Value answer =
      co_await bigquery->call("POST", path_of_table(table) + "/insertAll", {}, body, "rows of " + table.text());
  const Value* errors = answer.get("insertErrors");
  if (errors == nullptr || errors->as_array().empty()) co_return nullptr;
  const std::string text = fmt::format("BigQuery: {} of {} rows for {} were refused{}", errors->as_array().size(), count,
                                       table.text(), refused_rows(errors->as_array(), arguments.get_int("first")));
  if (arguments.get_bool("fail_on_error", true))
    throw operators::HookFailed(text, Object{{"reason", "invalid"}, {"insertErrors", *errors}});
  session.log.warning(text);
  co_return nullptr;
}

asio::awaitable<Value> partition_exists(HookSession&, Client bigquery, HookCall call) {
  const BigQueryTable table{.project = bigquery->project,
                            .dataset = call.arguments.get_string("dataset_id"),
                            .table = call.arguments.get_string("table_id")};
  co_return Object{{"found", co_await has_partition(*bigquery, table, call.arguments.get_string("partition_id"))}};
}

struct Method {
  std::string_view name;
  asio::awaitable<Value> (*call)(HookSession&, Client, HookCall);
};
constexpr std::array<Method, 8> methods{{{"job", job},
                                         {"query", query},
                                         {"job_rows", job_rows},
                                         {"table_rows", table_rows},
                                         {"rows", rows},
                                         {"request", request},
                                         {"insert_all", insert_all},
                                         {"partition_exists", partition_exists}}};

asio::awaitable<Client> client_of(HookSession& session, const HookCall& call) {
  auto google = co_await google_of_hook(session, call, "bigquery");
  std::string project = call.arguments.get_string("project_id");
  if (project.empty()) project = co_await google->project();
  if (project.empty()) {
    throw TaskFailed(
        fmt::format("which project? Give project_id, or the connection {} project in its extra", google->settings().conn_id));
  }
  co_return std::make_shared<BigQuery>(session, std::move(google), std::move(project), call.arguments.get_string("location"));
}

}  // namespace
}  // namespace bigquery_calls

boost::asio::awaitable<Value> call_bigquery(operators::HookSession& session, operators::HookCall call) {
  const auto* const method = std::ranges::find(bigquery_calls::methods, call.method, &bigquery_calls::Method::name);
  if (method == bigquery_calls::methods.end()) {
    throw operators::TaskFailed("the hook bigquery has no method '" + call.method +
                                "'; the DAG's program may be newer than the worker");
  }
  try {
    auto client = co_await bigquery_calls::client_of(session, call);
    co_return co_await method->call(session, std::move(client), std::move(call));
  } catch (const GoogleRefused& refused) {
    throw failed_hook(refused);
  }
}

}  // namespace venturi::providers
