#include "seeds/invariants.h"

namespace venturi::seeds {

std::vector<std::unique_ptr<Invariant>> make_invariants() {
  std::vector<std::unique_ptr<Invariant>> all;
  for (const auto make : {a_launch_token_is_accepted_once, a_try_runs_once, nothing_writes_after_it_was_fenced,
                          a_launch_follows_its_commit, an_answer_follows_its_commit, a_try_is_lost_by_a_crash_only,
                          limits_are_never_exceeded, no_ready_task_starves, counters_equal_a_full_recount,
                          an_asset_event_is_consumed_once, the_state_rebuilt_equals_the_state_in_memory, everything_ends}) {
    all.push_back(make());
  }
  return all;
}

}  // namespace venturi::seeds
