// What the engine keeps of a backfill that is not completed, or of which runs are active.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/forecast.h"
#include "model/backfill.h"
#include "schedule/timetable.h"

namespace venturi::engine {

struct DagMachine;

struct BackfillMachine {
  Backfill row;
  DagMachine* machine = nullptr;
  std::set<std::pair<std::int32_t, RunNo>> queued;  // sort_ordinal first: the order in which they start
  int active = 0;                                   // queued or running

  // Dates whose runs are to be made, in slices; nothing of it is stored but how far it is.
  std::vector<schedule::RunInfo> ahead;                // of one that goes backwards: the date that comes first is the last here
  std::optional<schedule::DataInterval> ahead_cursor;  // the last date that was put there
  bool is_all_ahead = false;
  Forecast forecast;                     // of a timetable of the user's
  std::vector<schedule::RunInfo> slice;  // these are asked about
  std::int32_t question = 0;             // the last one
  bool is_busy = false;                  // stands in the queue of backfills with work
  std::optional<std::int64_t> cancel_command;

  [[nodiscard]] int running() const { return active - static_cast<int>(queued.size()); }
  // One that is completed holds nobody up: a run of it that was cleared goes on.
  [[nodiscard]] bool may_start() const {
    return (row.completed_at || !row.is_paused) && !queued.empty() && running() < row.max_active_runs;
  }
};

// Of a schedule that is no class of the user's, within the backfill's range; only intervals that were over when it was asked
// for. Nothing: there are no more.
[[nodiscard]] std::optional<schedule::RunInfo> date_after(const schedule::Timetable& timetable, const Backfill& backfill,
                                                          const std::optional<schedule::DataInterval>& last);

// Why there is no such backfill.
[[nodiscard]] Error no_dates(const Backfill& backfill);

}  // namespace venturi::engine
