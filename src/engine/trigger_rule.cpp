#include "engine/trigger_rule.h"

#include <array>
#include <span>

namespace venturi::engine {
namespace {

struct Facts {
  std::uint32_t total, success, skipped, failed, upstream_failed, removed;
  std::uint32_t setups, setup_success, setup_skipped;
  bool all_done, mapped;
  std::int32_t map_index;

  [[nodiscard]] std::uint32_t bad() const { return failed + upstream_failed; }
  // Upstreams that were removed (the list that they were mapped over got shorter) are done without.
  [[nodiscard]] std::uint32_t excused() const { return removed; }
};

using Test = bool (*)(const Facts&);
struct Clause {
  Test holds;
  Verdict verdict;
};
constexpr std::size_t max_clauses = 3;

// The clauses are tried in order; where none holds, the task instance waits.
struct Rule {
  TriggerRule rule;
  std::array<Clause, max_clauses> final_clauses;  // unused ones have no test
  Test runs;
};

constexpr Clause none{nullptr, Verdict::wait};
constexpr Test any_bad = [](const Facts& f) { return f.bad() > 0; };
constexpr Test any_skipped = [](const Facts& f) { return f.skipped > 0; };
constexpr Test all_done = [](const Facts& f) { return f.all_done; };
constexpr Test done_without_success = [](const Facts& f) { return f.all_done && f.success == 0; };

constexpr std::array rules{
    Rule{TriggerRule::all_success,
         {Clause{any_bad, Verdict::upstream_failed}, Clause{any_skipped, Verdict::skipped},
          Clause{[](const Facts& f) {
                   return f.removed > 0 && f.success > 0 && f.mapped && static_cast<std::uint32_t>(f.map_index) >= f.success;
                 },
                 Verdict::removed}},
         [](const Facts& f) { return f.success + f.excused() >= f.total; }},
    Rule{TriggerRule::all_failed,
         {Clause{[](const Facts& f) { return f.success > 0 || f.skipped > 0; }, Verdict::skipped}, none, none},
         [](const Facts& f) { return f.bad() + f.removed >= f.total; }},
    Rule{TriggerRule::all_done, {none, none, none}, all_done},
    Rule{TriggerRule::all_done_min_one_success,
         {Clause{any_skipped, Verdict::skipped}, Clause{done_without_success, Verdict::upstream_failed}, none},
         all_done},
    Rule{TriggerRule::all_done_setup_success,
         {Clause{[](const Facts& f) { return f.all_done && f.setups > 0 && f.setup_skipped >= f.setups; }, Verdict::skipped},
          Clause{[](const Facts& f) { return f.all_done && f.setups > 0 && f.setup_success == 0; }, Verdict::upstream_failed},
          none},
         all_done},
    Rule{TriggerRule::one_success,
         {Clause{[](const Facts& f) { return f.all_done && f.skipped >= f.total; }, Verdict::skipped},
          Clause{done_without_success, Verdict::upstream_failed}, none},
         [](const Facts& f) { return f.success > 0; }},
    Rule{TriggerRule::one_failed,
         {Clause{[](const Facts& f) { return f.all_done && f.bad() == 0; }, Verdict::skipped}, none, none},
         any_bad},
    Rule{TriggerRule::one_done,
         {Clause{[](const Facts& f) { return f.all_done && f.success + f.failed == 0; }, Verdict::skipped}, none, none},
         [](const Facts& f) { return f.success + f.failed > 0; }},
    Rule{TriggerRule::none_failed,
         {Clause{any_bad, Verdict::upstream_failed}, none, none},
         [](const Facts& f) { return f.success + f.skipped + f.excused() >= f.total; }},
    Rule{TriggerRule::none_skipped, {Clause{any_skipped, Verdict::skipped}, none, none}, all_done},
    Rule{TriggerRule::none_failed_min_one_success,
         {Clause{any_bad, Verdict::upstream_failed},
          Clause{[](const Facts& f) { return f.skipped >= f.total; }, Verdict::skipped},
          Clause{done_without_success, Verdict::upstream_failed}},
         [](const Facts& f) { return f.success + f.skipped + f.excused() >= f.total; }},
    Rule{TriggerRule::always, {none, none, none}, [](const Facts&) { return true; }},
    Rule{TriggerRule::all_skipped,
         {Clause{[](const Facts& f) { return f.success > 0 || f.bad() > 0; }, Verdict::skipped}, none, none},
         [](const Facts& f) { return f.skipped >= f.total; }},
};

constexpr bool in_order_of_the_enum() {
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (static_cast<std::size_t>(rules[i].rule) != i) return false;
  return true;
}
static_assert(in_order_of_the_enum(), "judge() finds a rule by its number");

}  // namespace

void FinishedUpstreams::count(TaskState state, int by) {
  const auto delta = static_cast<std::uint32_t>(by);  // modulo 2^32: adding 2^32 - 1 takes one away
  switch (state) {
    case TaskState::success:
      success += delta;
      break;
    case TaskState::skipped:
      skipped += delta;
      break;
    case TaskState::failed:
      failed += delta;
      break;
    case TaskState::upstream_failed:
      upstream_failed += delta;
      break;
    case TaskState::removed:
      removed += delta;
      break;
    default:
      break;
  }
}

void FinishedUpstreams::add(const FinishedUpstreams& more) {
  success += more.success;
  skipped += more.skipped;
  failed += more.failed;
  upstream_failed += more.upstream_failed;
  removed += more.removed;
}

Verdict judge(TriggerRule rule, const UpstreamCounts& u, std::int32_t map_index) {
  if (u.total == 0) return Verdict::run;
  const Facts facts{u.total,
                    u.finished.success,
                    u.finished.skipped,
                    u.finished.failed,
                    u.finished.upstream_failed,
                    u.finished.removed,
                    u.setups,
                    u.setup_success,
                    u.setup_skipped,
                    u.all_done(),
                    map_index >= 0,
                    map_index};
  const Rule& r = rules[static_cast<std::size_t>(rule)];
  for (const Clause& clause : r.final_clauses)
    if (clause.holds != nullptr && clause.holds(facts)) return clause.verdict;
  return r.runs(facts) ? Verdict::run : Verdict::wait;
}

Verdict judge_setups(const UpstreamCounts& setups) {
  const FinishedUpstreams& f = setups.finished;
  if (f.failed + f.upstream_failed > 0) return Verdict::upstream_failed;
  if (f.skipped > 0) return Verdict::skipped;
  return f.success >= setups.total ? Verdict::run : Verdict::wait;
}

}  // namespace venturi::engine
