// Answers the engine's question which dates of a backfill have runs, from the store.
#pragma once

#include "base/result.h"
#include "engine/engine.h"
#include "store/store.h"

namespace venturi::server {

// Runs that ended and are to run again are read whole.
[[nodiscard]] Result<engine::DatesFound> find_dates(const engine::Engine& engine, store::Reader& reader,
                                                    const engine::FindDates& question);
// The runs of such dates, or of none; without their task instances.
[[nodiscard]] Result<std::optional<DagRun>> run_of_date(store::Reader& reader, const std::string& dag_id,
                                                        const engine::FindDates::Date& date);

// Whether a date's run is to be made or to run again.
[[nodiscard]] bool runs_again(RunState state, ReprocessBehavior behavior);

}  // namespace venturi::server
