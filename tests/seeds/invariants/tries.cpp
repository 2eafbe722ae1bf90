// What a try may do, and what may become of it.
#include <fmt/format.h>

#include <map>
#include <set>

#include "engine/task_slot.h"
#include "seeds/invariants.h"
#include "seeds/story.h"

namespace venturi::seeds {

namespace {

// As the engine's, of a row.
bool is_launched(const TaskInstance& ti) {
  return engine::is_under_way(ti.state) || (ti.state == TaskState::deferred && !ti.next_try_at);
}

class TokenOnce final : public Invariant {
 public:
  std::string_view name() const override { return "a_launch_token_is_accepted_once"; }
  void body_began(const engine::Launch& launch) override {
    if (!begun_.insert(launch.ti.token).second)
      violated(fmt::format("{} was accepted twice, for {}", words(launch.ti.token), words(launch.ti)));
  }

 private:
  std::set<LaunchToken> begun_;
};

// A task instance has a new id with each try.
class TryOnce final : public Invariant {
 public:
  std::string_view name() const override { return "a_try_runs_once"; }
  void body_began(const engine::Launch& launch) override {
    const auto [found, is_first] = tries_.try_emplace(launch.ti.id, Last{launch.ti.token, false});
    if (!is_first && !found->second.goes_on && found->second.token != launch.ti.token)
      violated(fmt::format("try {} of {} began as {} and as {}", launch.ti.try_number, words(launch.ti),
                           words(found->second.token), words(launch.ti.token)));
    found->second = {launch.ti.token, false};
  }
  void body_spoke(const engine::Launch& launch, bool goes_on) override { tries_.at(launch.ti.id).goes_on = goes_on; }

 private:
  struct Last {
    LaunchToken token;
    bool goes_on;
  };
  std::map<Uuid, Last> tries_;
};

class Fenced final : public Invariant {
 public:
  std::string_view name() const override { return "nothing_writes_after_it_was_fenced"; }
  void told(const View& view, LaunchToken token, const engine::Snapshot* before) override {
    if (before == nullptr || view.memory == nullptr) return;
    for (const TaskInstance& ti : before->task_instances) {
      if (ti.token == token && is_launched(ti)) return;
    }
    const std::string change = difference(*before, *view.memory);
    if (!change.empty()) violated(fmt::format("{} does not count any more, and changed {}", words(token), change));
  }
};

class LaunchDurable final : public Invariant {
 public:
  std::string_view name() const override { return "a_launch_follows_its_commit"; }
  void launch_sent(const View& view, LaunchToken token) override {
    const TaskInstance* row = view.durable.find(token);
    if (row == nullptr || row->token != token) violated(words(token) + " is sent to a worker and is not durable");
  }
};

class AnswerDurable final : public Invariant {
 public:
  std::string_view name() const override { return "an_answer_follows_its_commit"; }
  void end_answered(const View& view, LaunchToken token) override {
    const TaskInstance* row = view.durable.find(token);
    if (row != nullptr && row->token == token && is_launched(*row))
      violated(fmt::format("{} is told that its end is durable, and its row is {}", words(token), to_string(row->state)));
  }
};

class LostByCrash final : public Invariant {
 public:
  std::string_view name() const override { return "a_try_is_lost_by_a_crash_only"; }
  void called_lost(LaunchToken token, bool there_was_a_crash) override {
    if (!there_was_a_crash) violated(words(token) + " is called lost, and its worker and the worker's record are there");
  }
};

}  // namespace

std::unique_ptr<Invariant> a_launch_token_is_accepted_once() {
  return std::make_unique<TokenOnce>();
}
std::unique_ptr<Invariant> a_try_runs_once() {
  return std::make_unique<TryOnce>();
}
std::unique_ptr<Invariant> nothing_writes_after_it_was_fenced() {
  return std::make_unique<Fenced>();
}
std::unique_ptr<Invariant> a_launch_follows_its_commit() {
  return std::make_unique<LaunchDurable>();
}
std::unique_ptr<Invariant> an_answer_follows_its_commit() {
  return std::make_unique<AnswerDurable>();
}
std::unique_ptr<Invariant> a_try_is_lost_by_a_crash_only() {
  return std::make_unique<LostByCrash>();
}

}  // namespace venturi::seeds
