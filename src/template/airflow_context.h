// The variables of Airflow 3.3's templates: ds, ti, params, var, conn, macros and the others.
//
//   AirflowFacts facts;                 // what is known of the run and the task before it is rendered
//   facts.dag_id = "daily"; facts.logical_date = ...; facts.params = ...;
//   FetchedLookups lookups;             // what was fetched so far
//   const AirflowContext context(facts, lookups);
//   outcome = command.render(context);  // NotYet{{"variable": "bucket"}}
//   lookups.add({{"variable", "bucket"}}, "s3://...");  // absent: std::nullopt
//
// Names that depend on a logical date do not exist in a run without one, as in Airflow.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "template/template.h"
#include "venturi/value.h"

namespace venturi::templates {

struct AirflowFacts {
  // The run.
  std::string dag_id, run_id, run_type = "manual", run_state = "running";
  std::optional<Time> logical_date, data_interval_start, data_interval_end;
  std::optional<Time> run_after, run_start_date, run_end_date;
  std::int64_t clear_number = 0;
  std::optional<std::string> triggering_user_name, partition_key, note;
  std::optional<Time> partition_date;
  Value conf = Object();
  // Those that triggered it: {"asset": {"name", "uri", ...}, "extra": {...}, ...}. Null: ask, when a template wants them.
  Value asset_events = Array();

  // The task instance.
  std::string task_id;
  std::int64_t try_number = 1, max_tries = 0, map_index = -1;
  std::string state = "running";
  std::optional<Time> start_date;
  Value ti = Object();  // what else it has: "hostname", "queue", "log_url", ...
  std::int64_t task_reschedule_count = 0;
  std::optional<std::int64_t> expanded_ti_count;
  std::optional<std::string> map_index_template;

  Value dag = Object(), task = Object();      // their attributes under Airflow's names; dates as ISO text
  Value params = Object();                    // those of the DAG and the task, with the conf's in their place
  Value inlets = Array(), outlets = Array();  // {"__type": "asset" or "asset_alias", "__var": {"name", "uri", ...}}
  Value own = Object();                       // what the task put into its context; hides Airflow's own of the same name

  // For callbacks.
  std::optional<std::string> exception, reason;

  std::optional<bool> test_mode;
  std::optional<Time> now;  // for macros.datetime.now() and differences to now; without it those are errors
  std::uint64_t seed = 0;   // for macros.random() and macros.uuid: the same in each rendering of a try
};

// An answer to a request for what is outside.
struct Lookup {
  enum class State { not_yet, absent, found };
  State state = State::not_yet;
  Value value;
};

struct XComRequest {
  std::string dag_id, run_id, task_id, key;
  std::optional<std::int64_t> map_index;  // nullopt: those of all map indexes, as an array
  bool include_prior_dates = false;
};

class Lookups {
 public:
  virtual ~Lookups() = default;
  // {"conn_id", "conn_type", "description", "host", "schema", "login", "password", "port", "extra"}; extra is a JSON text.
  [[nodiscard]] virtual Lookup connection(std::string_view conn_id) const = 0;
  [[nodiscard]] virtual Lookup variable(std::string_view key) const = 0;  // its text
  [[nodiscard]] virtual Lookup xcom(const XComRequest& request) const = 0;
  // Of the run before this one that succeeded: {"start_date", "end_date", "data_interval_start", "data_interval_end"} as ISO
  // texts.
  [[nodiscard]] virtual Lookup previous_success() const = 0;
  // What the server answers to a message of the supervisor protocol: a run, events of assets.
  [[nodiscard]] virtual Lookup question(const Value& message) const = 0;
  // Texts that must not be in an error's message.
  [[nodiscard]] virtual std::vector<std::string> secrets() const = 0;
};

// The requests that a NotYet carries.
[[nodiscard]] Value connection_request(std::string_view conn_id);  // {"connection": "db"}
[[nodiscard]] Value variable_request(std::string_view key);        // {"variable": "bucket"}
[[nodiscard]] Value xcom_request(const XComRequest& request);      // {"xcom": {"dag_id", "run_id", "task_id", "key", ...}}
[[nodiscard]] Value previous_success_request();                    // {"previous_success": true}
[[nodiscard]] Value question_request(Value message);               // {"question": {"type": "GetDagRun", ...}}

// Remembers answers by request.
class FetchedLookups final : public Lookups {
 public:
  void add(const Value& request, std::optional<Value> answer);

  [[nodiscard]] Lookup connection(std::string_view conn_id) const override;
  [[nodiscard]] Lookup variable(std::string_view key) const override;
  [[nodiscard]] Lookup xcom(const XComRequest& request) const override;
  [[nodiscard]] Lookup previous_success() const override;
  [[nodiscard]] Lookup question(const Value& message) const override;
  // Passwords and extras of all connections.
  [[nodiscard]] std::vector<std::string> secrets() const override;

 private:
  [[nodiscard]] Lookup find(const Value& request) const;
  std::map<std::string, std::optional<Value>, std::less<>> answers_;  // by the request's JSON text
};

class AirflowContext final : public Context {
 public:
  // Both must live as long as this.
  AirflowContext(const AirflowFacts& facts, const Lookups& lookups) : facts_(facts), lookups_(lookups) {}

  [[nodiscard]] std::optional<Item> find(std::string_view name) const override;
  [[nodiscard]] std::string hint(std::string_view name) const override;
  [[nodiscard]] std::uint64_t random_seed() const override { return facts_.seed; }
  [[nodiscard]] std::string redact(std::string message) const override;

 private:
  const AirflowFacts& facts_;
  const Lookups& lookups_;
};

}  // namespace venturi::templates
