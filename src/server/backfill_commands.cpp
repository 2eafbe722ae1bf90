// Commands of backfills.
#include <fmt/format.h>

#include <limits>
#include <utility>

#include "model/backfill.h"
#include "model/params.h"
#include "server/backfill_value.h"
#include "server/commands.h"
#include "server/find_dates.h"
#include "server/time_value.h"

namespace venturi::server {
namespace {

constexpr std::size_t dates_in_turn = 256;

Result<Time> date_of(const Value& command, const char* key) {
  const std::string text = command.at(key).as_string();
  if (const auto time = parse_time(text)) return *time;
  return fail(ErrorKind::invalid, std::string(key) + " '" + text + "' is no date", "", "like 2026-01-31T00:00:00Z");
}

// What a client asks for; whether it can be is the engine's to say.
Result<Backfill> backfill_of(const Value& command) {
  Backfill b;
  b.dag_id = command.at("dag_id").as_string();
  const auto from = date_of(command, "from_date"), to = date_of(command, "to_date");
  if (!from) return std::unexpected(from.error());
  if (!to) return std::unexpected(to.error());
  b.from_date = *from;
  b.to_date = *to;
  if (const Value* conf = command.get("dag_run_conf")) b.dag_run_conf = *conf;
  if (!b.dag_run_conf.is_null() && !b.dag_run_conf.is_object()) {
    return fail(ErrorKind::invalid, std::string("dag_run_conf must be a JSON object, not ") + b.dag_run_conf.type_name(), "",
                R"(like {"limit": 10})");
  }
  b.run_backwards = command.get_bool("run_backwards");
  const std::string word = command.get_string("reprocess_behavior", "none");
  const auto behavior = parse_reprocess_behavior(word);
  if (!behavior)
    return fail(ErrorKind::invalid, "there is no reprocess behavior '" + word + "'", "", "one of: none, completed, failed");
  b.reprocess_behavior = *behavior;
  const std::int64_t most = command.get_int("max_active_runs", 10);
  if (most > std::numeric_limits<std::int32_t>::max() || most < std::numeric_limits<std::int32_t>::min())
    return fail(ErrorKind::invalid, fmt::format("max_active_runs cannot be {}", most), "", "give it 1 or more");
  b.max_active_runs = static_cast<std::int32_t>(most);
  b.triggering_user_name = command.get_string("user");
  return b;
}

}  // namespace

Value backfill_value(const Backfill& b) {
  return Object{{"id", b.id},
                {"dag_id", b.dag_id},
                {"from_date", format_time(b.from_date)},
                {"to_date", format_time(b.to_date)},
                {"dag_run_conf", b.dag_run_conf},
                {"is_paused", b.is_paused},
                {"reprocess_behavior", std::string(to_string(b.reprocess_behavior))},
                {"max_active_runs", b.max_active_runs},
                {"created_at", format_time(b.created_at)},
                {"completed_at", time_value(b.completed_at)},
                {"updated_at", format_time(b.updated_at)}};
}

void Commands::create_backfill(const Value& command, const OnResult& on_result) {
  if (!need_dag(command, on_result)) return;
  auto asked = backfill_of(command);
  if (!asked) return on_result(std::unexpected(std::move(asked.error())));
  const auto dag = scheduler_.engine().find_dag(asked->dag_id);
  if (!asked->dag_run_conf.is_null()) {
    if (auto params = params_of_run(*dag, asked->dag_run_conf); !params)
      return on_result(std::unexpected(std::move(params.error())));
  }
  if (command.get_bool("dry_run")) {
    scheduler_.command(engine::CreateBackfill{0, *asked, true},
                       [this, asked = *asked, on_result](const engine::Answer& answer) {
                         if (answer.error) return on_result(std::unexpected(*answer.error));
                         tell_dates_to_run(std::make_shared<DryRun>(DryRun{asked, answer.dates, 0, {}}), on_result);
                       });
    return;
  }
  scheduler_.command(engine::CreateBackfill{0, std::move(*asked)}, [on_result](const engine::Answer& answer) {
    if (answer.error) return on_result(std::unexpected(*answer.error));
    on_result(Value(Object{{"type", "CommandResult"}, {"backfill", backfill_value(*answer.backfill)}}));
  });
}

// Those that have no run, or one that would run again: of some dates, then others have their turn.
void Commands::tell_dates_to_run(const std::shared_ptr<DryRun>& of, const OnResult& on_result) {
  for (std::size_t i = 0; i < dates_in_turn && of->next < of->dates.size(); ++i) {
    const Time date = of->dates[of->next++];
    const auto runs =
        reader_.runs({.dag_id = of->asked.dag_id, .limit = 1, .logical_date_from = date, .logical_date_to = date});
    if (!runs) return on_result(std::unexpected(runs.error()));
    if (runs->empty() || runs_again(runs->front().state, of->asked.reprocess_behavior))
      of->to_run.emplace_back(format_time(date));
  }
  if (of->next < of->dates.size()) return scheduler_.after_batch([this, of, on_result] { tell_dates_to_run(of, on_result); });
  on_result(Value(Object{{"type", "CommandResult"}, {"logical_dates", std::move(of->to_run)}}));
}

void Commands::pause_backfill(const Value& command, const OnResult& on_result) {
  change_backfill(command, engine::ChangeBackfill::To::paused, on_result);
}
void Commands::unpause_backfill(const Value& command, const OnResult& on_result) {
  change_backfill(command, engine::ChangeBackfill::To::unpaused, on_result);
}
void Commands::cancel_backfill(const Value& command, const OnResult& on_result) {
  change_backfill(command, engine::ChangeBackfill::To::cancelled, on_result);
}

void Commands::change_backfill(const Value& command, engine::ChangeBackfill::To to, const OnResult& on_result) {
  const std::int64_t id = command.at("backfill_id").as_int();
  if (!scheduler_.engine().knows_backfill(id)) {
    const auto stored = reader_.backfill(id);
    if (!stored) return on_result(std::unexpected(stored.error()));
    if (!*stored) {
      return on_result(
          fail(ErrorKind::not_found, fmt::format("there is no backfill {}", id), "", "see: venturi backfill list DAG_ID"));
    }
  }
  scheduler_.command(engine::ChangeBackfill{0, id, to}, [on_result](const engine::Answer& answer) {
    if (answer.error) return on_result(std::unexpected(*answer.error));
    on_result(Value(Object{{"type", "CommandResult"}, {"backfill", backfill_value(*answer.backfill)}}));
  });
}

}  // namespace venturi::server
