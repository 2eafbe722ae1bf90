// A job of BigQuery's: submitted, waited for, cancelled with its task.
//
// Its id is chosen before it is submitted, by task instance, configuration and try: whoever has to go on with it (the same try
// in another host, or the next one after a worker was lost) looks there before anything is submitted again.
//
//   try n ─▶ is there a job of an earlier try that nobody saw the end of?
//              runs                                  ─▶ it is waited for
//              done well, and not followed by a clear ─▶ that was it
//          ─▶ insert, with the id of try n ─┬─ taken
//                                           └─ 409: it is there already: the same three questions
//
// A try that has seen its job end well says so in an XCom, job_id (Airflow's GCSToBigQueryOperator has it too). A later try
// that has it to clear is one after a clear: it runs the job anew.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "providers/google/bigquery_client.h"
#include "venturi/value.h"

namespace venturi::providers {

struct BigQueryJobChoice {
  std::string job_id;                        // the beginning of its id; empty: airflow_DAG_TASK_RUN
  bool force_rerun = true;                   // false: the id is that of its configuration alone, as Airflow makes it
  std::vector<std::string> reattach_states;  // of a job with that id which is somebody else's: states in which it is waited for
  // Its success is that of the try. Where more has to go well than the job (a check of what it finds), a try after it asks
  // anew.
  bool is_outcome = true;
  bool cancel_on_kill = true;
  bool deferrable = false;
  std::chrono::milliseconds poll_interval{4000};
  std::optional<std::chrono::milliseconds> result_timeout;
};
// Of the arguments of these names. Throws TaskFailedForGood.
[[nodiscard]] BigQueryJobChoice bigquery_job_choice(const operators::Arguments& arguments);

struct BigQueryJob {
  std::string project, id, location;
  [[nodiscard]] std::string text() const { return project + ":" + (location.empty() ? "" : location + ".") + id; }
};

struct FinishedBigQueryJob {
  BigQueryJob job;
  Value resource;  // as jobs.get gives it
};

// Returns when it is done. Throws TaskFailed with BigQuery's reason and message where it failed. `configuration` gets Airflow's
// labels (airflow-dag, airflow-task) and one of ours.
[[nodiscard]] boost::asio::awaitable<FinishedBigQueryJob> run_bigquery_job(operators::OperatorTry& t,
                                                                           std::shared_ptr<BigQuery> bigquery,
                                                                           Object configuration, BigQueryJobChoice choice);

// Of a job's resource, as jobs.get gives it.
[[nodiscard]] bool is_done(const Value& resource);
// The end of a job that is done: its errors in the log. Throws HookFailed with BigQuery's reason and message where it failed.
void judge_bigquery_job(operators::TryLog& log, const BigQueryJob& job, const Value& resource);

// "query" where nothing else is said: {"query": {"query": sql, "useLegacySql": false, ...}}.
[[nodiscard]] Object query_configuration(const std::string& sql, bool use_legacy_sql);

}  // namespace venturi::providers
