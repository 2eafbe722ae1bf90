// Airflow's backfill: runs of a DAG's schedule for dates that lie behind, asked for together, with a limit of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/records.h"
#include "venturi/value.h"

namespace venturi {

struct Backfill {
  std::int64_t id = 0;
  std::string dag_id;
  Time from_date{}, to_date{};  // both inclusive: logical dates
  Value dag_run_conf;           // object or null
  bool is_paused = false;       // no further runs of it start
  bool run_backwards = false;   // the newest date first
  ReprocessBehavior reprocess_behavior = ReprocessBehavior::none;
  std::int32_t max_active_runs = 10;  // of this backfill; the DAG's own limit does not count them
  Time created_at{}, updated_at{};
  std::optional<Time> completed_at;
  std::string triggering_user_name;
  // Its runs are made in slices. How far that is: so many dates were looked at, the last one's data interval, and all were.
  std::int32_t looked_at = 0;
  std::optional<Time> last_interval_start, last_interval_end;
  bool is_made = false;
  bool is_cancelled = false;  // queued runs are being failed, in slices; then it is completed
  friend bool operator==(const Backfill&, const Backfill&) = default;
};

// One date of a backfill.
struct BackfillDagRun {
  std::int64_t backfill_id = 0;
  std::int32_t sort_ordinal = 0;  // from 1, in the order in which they run
  std::optional<RunNo> run;
  std::string exception_reason;  // why it has none: "already exists", "in flight"
  Time logical_date{};
  friend bool operator==(const BackfillDagRun&, const BackfillDagRun&) = default;
};

}  // namespace venturi
