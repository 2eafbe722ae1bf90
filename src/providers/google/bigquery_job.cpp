#include "providers/google/bigquery_job.h"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/percent.h"
#include "base/text.h"
#include "net/request_turn.h"
#include "operators/hook_session.h"
#include "operators/outcome.h"
#include "operators/task_messages.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;
using Steady = std::chrono::steady_clock;

constexpr std::size_t hash_digits = 16, longest_id = 1024, longest_label = 63;
constexpr int most_earlier_tries = 20;
constexpr std::string_view trigger = "airflow.providers.google.cloud.triggers.bigquery.BigQueryInsertJobTrigger";
constexpr std::string_view end_was_seen = "job_id";  // an XCom
constexpr std::string_view own_label = "venturi-task-instance";

std::chrono::milliseconds milliseconds_of(const Arguments& arguments, std::string_view name, double otherwise) {
  const double seconds = arguments.number(name, otherwise);
  constexpr double most = 1e9;
  if (!(seconds >= 0))
    throw TaskFailedForGood(fmt::format("the argument {} must be a number of seconds that is not negative", name));
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(std::min(seconds, most)));
}

bool may_be_in_an_id(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-';
}

std::string as_id(std::string text) {
  std::ranges::replace_if(text, [](char c) { return !may_be_in_an_id(c); }, '_');
  return text;
}

// Labels are lower case, and short; Airflow leaves out what does not fit.
std::optional<std::string> as_label(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    if (c == '.') return '-';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (text.size() > longest_label || !std::ranges::all_of(text, may_be_in_an_id)) return std::nullopt;
  return text;
}

std::string short_hash(std::string_view text) {
  return sha256_hex(text).substr(0, hash_digits);
}

// Who submits: the task instance, whichever its try.
std::string submitter(const OperatorTry& t) {
  const auto& facts = t.facts;
  return short_hash(fmt::format("{}\n{}\n{}\n{}", facts.run->dag_id, facts.run->run_id, facts.task_id, facts.map_index));
}

void add_labels(Object& configuration, const OperatorTry& t) {
  Value* given = configuration.find("labels");
  Object labels = given != nullptr && given->is_object() ? given->as_object() : Object();
  const auto dag = as_label(t.facts.run->dag_id), task = as_label(t.facts.task_id);
  if (dag && task) {
    labels.set("airflow-dag", *dag);
    labels.set("airflow-task", *task);
  }
  labels.set(std::string(own_label), submitter(t));
  configuration.set("labels", std::move(labels));
}

// ---- what a job says of itself
// ------------------------------------------------------------------------------------------------

std::string state_of(const Value& resource) {
  const Value* status = resource.get("status");
  return status == nullptr ? "" : status->get_string("state");
}
const Value* error_of(const Value& resource) {
  const Value* status = resource.get("status");
  const Value* error = status == nullptr ? nullptr : status->get("errorResult");
  return error == nullptr || error->is_null() ? nullptr : error;
}
bool is_of(const Value& resource, const std::string& submitter) {
  const Value* configuration = resource.get("configuration");
  const Value* labels = configuration == nullptr ? nullptr : configuration->get("labels");
  return labels != nullptr && labels->get_string(own_label) == submitter;
}

std::string error_text(const Value& error) {
  std::string text = error.get_string("reason");
  if (const std::string message = error.get_string("message"); !message.empty()) text += (text.empty() ? "" : ": ") + message;
  if (const std::string place = error.get_string("location"); !place.empty()) text += fmt::format(" (in {})", place);
  return text;
}

std::string_view hint_for_reason(const std::string& reason) {
  if (reason == "stopped") return "; somebody else cancelled it";
  if (reason == "bytesBilledLimitExceeded")
    return "; it would read more than maximumBytesBilled allows: raise that, or read less";
  if (reason == "quotaExceeded" || reason == "rateLimitExceeded")
    return "; a quota of the project is used up: a later try may go well";
  return "";
}

// What stands beside the error that ended it: of a load, what is wrong with which file.
void log_errors(operators::TryLog& log, const Value& resource) {
  const Value* errors = resource.at("status").get("errors");
  if (errors == nullptr || !errors->is_array()) return;
  constexpr std::size_t most = 100;
  for (std::size_t i = 0; i < std::min(most, errors->as_array().size()); ++i)
    log.error("BigQuery Job Error: " + error_text(errors->as_array()[i]));
}

std::string bytes_processed(const Value& resource) {
  const Value* statistics = resource.get("statistics");
  if (statistics == nullptr) return "0";
  if (const std::string bytes = statistics->get_string("totalBytesProcessed"); !bytes.empty()) return bytes;
  const Value* query = statistics->get("query");
  return query == nullptr ? "0" : query->get_string("totalBytesProcessed", "0");
}

// ---- one job, from its id to its end
// ------------------------------------------------------------------------------------------

class JobRun {
 public:
  JobRun(OperatorTry& t, std::shared_ptr<BigQuery> bigquery, Object configuration, BigQueryJobChoice choice)
      : t_(t), bigquery_(std::move(bigquery)), configuration_(std::move(configuration)), choice_(std::move(choice)) {
    std::string hash = short_hash(submitter(t) + to_json(Value(configuration_)));
    if (!choice_.force_rerun) hash = sha256_hex(to_json(Value(configuration_))).substr(0, 2 * hash_digits);
    base_ = choice_.job_id.empty()
                ? as_id(fmt::format("airflow_{}_{}_{}", t.facts.run->dag_id, t.facts.task_id, t.facts.run->run_id))
                : as_id(choice_.job_id);
    base_ = fmt::format("{}_{}", base_.substr(0, longest_id - 100), hash);
    add_labels(configuration_, t);
  }

  static asio::awaitable<FinishedBigQueryJob> run(JobRun job) {
    Value resource;
    std::exception_ptr ended;
    try {
      {
        const net::RequestTurn turn = co_await net::RequestTurn::take_for_jobs(job.bigquery_->conn_id());
        resource = co_await job.begin();
      }
      if (job.is_dry()) {
        job.t_.log.info(fmt::format("Dry run: it would process {} bytes", bytes_processed(resource)));
        co_return FinishedBigQueryJob{std::move(job.job_), std::move(resource)};
      }
      resource = co_await job.finish(std::move(resource));
      if (job.is_of_an_earlier_try_ && error_of(resource) != nullptr) {
        job.t_.log.warning(fmt::format("job {} of an earlier try failed: {}; submitting it again", job.job_.text(),
                                       error_text(*error_of(resource))));
        job.is_of_an_earlier_try_ = false;
        resource = co_await job.insert(job.id_of(job.t_.facts.try_number));
        resource = co_await job.finish(std::move(resource));
      }
    } catch (const boost::system::system_error&) {
      ended = std::current_exception();
    }
    if (ended && job.may_run_) {
      // Before anything is waited for: who is cancelled may wait for nothing else.
      co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
      co_await job.cancel();
    }
    if (ended) std::rethrow_exception(ended);
    judge_bigquery_job(job.t_.log, job.job_, resource);
    if (job.choice_.is_outcome)
      (void)co_await job.t_.host.ask(operators::set_xcom(job.t_.facts, end_was_seen, Value(job.job_.id)));
    co_return FinishedBigQueryJob{std::move(job.job_), std::move(resource)};
  }

 private:
  [[nodiscard]] bool is_dry() const {
    const Value* dry = configuration_.find("dryRun");
    return dry != nullptr && dry->is_bool() && dry->as_bool();
  }
  // The end of the last job was seen, and nevertheless there is another try.
  [[nodiscard]] bool was_cleared() const {
    return std::ranges::find(t_.facts.xcoms_to_clear, end_was_seen) != t_.facts.xcoms_to_clear.end();
  }
  [[nodiscard]] std::string id_of(int try_number) const {
    return choice_.force_rerun ? fmt::format("{}_{}", base_, try_number) : base_;
  }
  [[nodiscard]] std::string path() const {
    return fmt::format("{}/jobs/{}", percent_encoded(job_.project), percent_encoded(job_.id));
  }
  [[nodiscard]] net::QueryItems place() const {
    return job_.location.empty() ? net::QueryItems{} : net::QueryItems{{"location", job_.location}};
  }

  asio::awaitable<Value> begin() {
    job_ = {.project = bigquery_->project, .id = {}, .location = bigquery_->location};
    if (choice_.force_rerun && !is_dry()) {
      if (auto found = co_await earlier()) co_return *std::move(found);
    }
    co_return co_await insert(id_of(t_.facts.try_number));
  }

  // The job of the last try that had one, where nobody has seen its end yet. One that is done is that of the try before this:
  // those of earlier ones somebody may have seen, whose XComs are gone.
  asio::awaitable<std::optional<Value>> earlier() {
    if (was_cleared()) co_return std::nullopt;
    const int last = t_.facts.try_number - 1;
    for (int number = last; number > std::max(0, last - most_earlier_tries); --number) {
      job_.id = id_of(number);
      std::optional<Value> found = co_await find();
      if (!found) continue;
      if (is_done(*found) && (error_of(*found) != nullptr || !choice_.is_outcome || number != last)) break;
      learn_place(*found);
      t_.log.info(fmt::format("Job {} of try {} is {}: it is not submitted again", job_.text(), number, state_of(*found)));
      is_of_an_earlier_try_ = may_run_ = true;
      co_return found;
    }
    co_return std::nullopt;
  }

  asio::awaitable<std::optional<Value>> find() { return bigquery_->find(path(), place(), "job " + job_.text()); }

  asio::awaitable<Value> insert(std::string id) {
    job_.id = std::move(id);
    Object reference{{"projectId", job_.project}, {"jobId", job_.id}};
    if (!job_.location.empty()) reference.set("location", job_.location);
    const Value body = Object{{"jobReference", std::move(reference)}, {"configuration", configuration_}};
    t_.log.info(fmt::format("Submitting job {}", job_.text()));
    bool is_there = false;
    Value resource;
    std::exception_ptr failed;
    // Who is killed meanwhile waits for the answer: a request that was given up may begin a job after it was cancelled.
    may_run_ = !is_dry();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    try {
      resource = co_await bigquery_->call("POST", percent_encoded(job_.project) + "/jobs", {}, body, "job " + job_.text());
    } catch (const GoogleRefused& e) {
      is_there = e.status == google_status::conflict;
      if (!is_there) failed = std::current_exception();
    } catch (...) {
      failed = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::enable_terminal_cancellation());
    if (t_.cancelled) throw boost::system::system_error(asio::error::operation_aborted);
    if (failed) std::rethrow_exception(failed);
    if (is_there) co_return co_await taken_over();
    learn_place(resource);
    co_return resource;
  }

  // Somebody submitted a job of that id before.
  asio::awaitable<Value> taken_over() {
    std::optional<Value> found = co_await find();
    if (!found) {
      throw TaskFailed(
          fmt::format("job {} exists already, and BigQuery does not find it here: give location, which it needs for jobs "
                      "outside of US and EU",
                      job_.text()));
    }
    Value resource = *std::move(found);
    learn_place(resource);
    const std::string state = state_of(resource);
    const bool is_ours = is_of(resource, submitter(t_));
    if (is_ours && choice_.force_rerun) co_return resource;
    if (is_done(resource)) {
      if (is_ours && error_of(resource) != nullptr) {
        const std::string next = fmt::format("{}_{}", base_, t_.facts.try_number);
        if (job_.id != next) co_return co_await insert(next);
      }
      if (is_ours && error_of(resource) == nullptr && !was_cleared()) co_return resource;
      throw TaskFailed(fmt::format(
          "job {} exists already and is done: give force_rerun true, or another job_id, to run the same configuration again",
          job_.text()));
    }
    if (!is_ours && std::ranges::find(choice_.reattach_states, state) == choice_.reattach_states.end()) {
      throw TaskFailed(
          fmt::format("job {} exists already and is {}: give force_rerun true to run another one, or add {} to reattach_states "
                      "to wait for it",
                      job_.text(), state, state));
    }
    t_.log.info(fmt::format("Reattaching to job {} in state {}", job_.text(), state));
    co_return resource;
  }

  // Where it was not said, BigQuery says where the job is: from then on it has to be said.
  void learn_place(const Value& resource) {
    const Value* reference = resource.get("jobReference");
    if (reference != nullptr && job_.location.empty()) job_.location = reference->get_string("location");
  }

  asio::awaitable<Value> finish(Value resource) {
    constexpr std::chrono::milliseconds first_wait{250};
    const auto begun = Steady::now();
    asio::steady_timer timer(co_await asio::this_coro::executor);
    std::chrono::milliseconds wait = std::min(first_wait, choice_.poll_interval);
    for (; !is_done(resource); wait = std::min(2 * wait, choice_.poll_interval)) {
      if (choice_.deferrable) t_.defer_in_place(trigger);
      if (choice_.result_timeout && Steady::now() - begun > *choice_.result_timeout) {
        throw TaskFailed(
            fmt::format("BigQuery: job {} is still {} after {:g} s (result_timeout); it goes on, and the next try waits for it",
                        job_.text(), state_of(resource), std::chrono::duration<double>(*choice_.result_timeout).count()));
      }
      resource = Value();  // thousands may wait here, and an answer has kilobytes
      timer.expires_after(std::max(wait, std::chrono::milliseconds(1)));
      co_await timer.async_wait(asio::use_awaitable);
      const net::RequestTurn turn = co_await net::RequestTurn::take_for_jobs(bigquery_->conn_id());
      resource = co_await bigquery_->get(path(), place(), "job " + job_.text());
    }
    co_return resource;
  }

  // The try is over; there is a second left.
  asio::awaitable<void> cancel() {
    if (!choice_.cancel_on_kill) {
      t_.log.info(fmt::format("job {} goes on (cancel_on_kill is false)", job_.text()));
      co_return;
    }
    std::string failed;
    try {
      const auto hurried = bigquery_->hurried();
      (void)co_await hurried->call("POST", path() + "/cancel", place(), std::nullopt, "job " + job_.text());
      t_.log.info(fmt::format("job {} was cancelled", job_.text()));
    } catch (const std::exception& e) {
      failed = e.what();
    }
    if (!failed.empty()) t_.log.warning(fmt::format("job {} may still run: {}", job_.text(), failed));
  }

  OperatorTry& t_;
  std::shared_ptr<BigQuery> bigquery_;
  Object configuration_;
  BigQueryJobChoice choice_;
  std::string base_;
  BigQueryJob job_;
  bool is_of_an_earlier_try_ = false;
  bool may_run_ = false;  // from its submission on
};

}  // namespace

bool is_done(const Value& resource) {
  return state_of(resource) == "DONE";
}

void judge_bigquery_job(operators::TryLog& log, const BigQueryJob& job, const Value& resource) {
  log_errors(log, resource);
  const Value* error = error_of(resource);
  if (error == nullptr) {
    log.info(fmt::format("Job {} is done, {} bytes processed", job.text(), bytes_processed(resource)));
    return;
  }
  const std::string reason = error->get_string("reason");
  throw operators::HookFailed(fmt::format("BigQuery: job {}: {}{}", job.text(), error_text(*error), hint_for_reason(reason)),
                              Object{{"reason", reason}, {"job_id", job.id}});
}

BigQueryJobChoice bigquery_job_choice(const Arguments& arguments) {
  BigQueryJobChoice choice{.job_id = arguments.string("job_id"),
                           .force_rerun = arguments.boolean("force_rerun", true),
                           .reattach_states = arguments.string_list("reattach_states"),
                           .cancel_on_kill = arguments.boolean("cancel_on_kill", true),
                           .deferrable = arguments.boolean("deferrable", false),
                           .poll_interval = milliseconds_of(arguments, "poll_interval", 4),
                           .result_timeout = std::nullopt};
  if (arguments.find("result_timeout") != nullptr) choice.result_timeout = milliseconds_of(arguments, "result_timeout", 0);
  return choice;
}

asio::awaitable<FinishedBigQueryJob> run_bigquery_job(OperatorTry& t, std::shared_ptr<BigQuery> bigquery, Object configuration,
                                                      BigQueryJobChoice choice) {
  return JobRun::run(JobRun(t, std::move(bigquery), std::move(configuration), std::move(choice)));
}

Object query_configuration(const std::string& sql, bool use_legacy_sql) {
  return {{"query", Object{{"query", sql}, {"useLegacySql", use_legacy_sql}}}};
}

}  // namespace venturi::providers
