// The invariants by name, each with what it promises. tests/seeds/broken_test.cpp shows that each of them can fail. One more is
// the world's own, nothing_throws: a store that refuses a batch, and all else that would end a process.
#pragma once

#include <memory>

#include "seeds/invariant.h"

namespace venturi::seeds {

// tries.cpp
std::unique_ptr<Invariant> a_launch_token_is_accepted_once();
// Of one try no two processes begin, unless the first one asked to be called again.
std::unique_ptr<Invariant> a_try_runs_once();
std::unique_ptr<Invariant> nothing_writes_after_it_was_fenced();
// What is sent to a worker is durable before.
std::unique_ptr<Invariant> a_launch_follows_its_commit();
// ... and so is what a task is told to have ended.
std::unique_ptr<Invariant> an_answer_follows_its_commit();
// While its worker and the worker's record are there, no try is given up as lost.
std::unique_ptr<Invariant> a_try_is_lost_by_a_crash_only();

// limits.cpp: parallelism, pools, max_active_tasks, max_active_tis_per_dag and _per_dagrun, max_active_runs, those of
// backfills. One that was lowered may be exceeded until tries have ended, but nothing is added.
std::unique_ptr<Invariant> limits_are_never_exceeded();

// starving.cpp: what may be launched, started or made is, as soon as the engine has no other work.
std::unique_ptr<Invariant> no_ready_task_starves();

// counters.cpp
std::unique_ptr<Invariant> counters_equal_a_full_recount();

// asset_events.cpp: each success of a task makes one event of each outlet. Of each consumer the runs take the events one after
// the other, none twice; one that came while the consumer was active is taken, or is queued.
std::unique_ptr<Invariant> an_asset_event_is_consumed_once();

// rebuilding.cpp: after every batch.
std::unique_ptr<Invariant> the_state_rebuilt_equals_the_state_in_memory();

// rest.cpp: when faults, and what holds tasks up, are over.
std::unique_ptr<Invariant> everything_ends();

}  // namespace venturi::seeds
