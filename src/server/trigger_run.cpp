#include "server/trigger_run.h"

#include <utility>

#include "model/dict_order.h"
#include "model/params.h"
#include "schedule/timetable.h"

namespace venturi::server {
namespace {

// Runs that ended are known to the store alone; those of this batch, to the engine.
Result<void> check_is_new(Scheduler& scheduler, store::Reader& reader, const engine::TriggerRun& event) {
  if (event.run_id) {
    auto stored = reader.run(event.dag_id, *event.run_id);
    if (!stored) return std::unexpected(std::move(stored.error()));
    if (*stored || scheduler.is_in_flight(event.dag_id, *event.run_id)) {
      return fail(ErrorKind::conflict, "there is a run " + *event.run_id + " already", "dag " + event.dag_id,
                  "give another run id");
    }
  }
  if (!event.logical_date) return {};
  auto same_date = reader.runs(
      {.dag_id = event.dag_id, .limit = 1, .logical_date_from = event.logical_date, .logical_date_to = event.logical_date});
  if (!same_date) return std::unexpected(std::move(same_date.error()));
  if (!same_date->empty()) {
    return fail(ErrorKind::conflict, "run " + same_date->front().run_id + " has this logical date already",
                "dag " + event.dag_id, "give another logical date");
  }
  return {};
}

}  // namespace

void trigger_run(Scheduler& scheduler, store::Reader& reader, engine::TriggerRun event, const OnTriggered& on_run) {
  if (auto params = params_of_run(*scheduler.engine().find_dag(event.dag_id), event.conf); !params)
    return on_run(std::unexpected(std::move(params.error())));
  // As in Airflow its id is made of it: a second run for that time has to be given another one.
  if (event.run_after && !event.run_id) event.run_id = schedule::make_run_id(RunType::manual, *event.run_after);
  if (auto is_new = check_is_new(scheduler, reader, event); !is_new) return on_run(std::unexpected(std::move(is_new.error())));
  event.conf = in_jsonb_order(event.conf);  // as Airflow keeps and shows it
  scheduler.command(std::move(event), [on_run](const engine::Answer& answer) {
    if (answer.error) return on_run(std::unexpected(*answer.error));
    on_run(*answer.run);
  });
}

}  // namespace venturi::server
