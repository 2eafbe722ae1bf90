// Counted anew from the rows of each step: what is over a limit must have been so before, and not have grown.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "seeds/invariants.h"
#include "seeds/usage.h"

namespace venturi::seeds {

namespace {

class Limits final : public Invariant {
 public:
  std::string_view name() const override { return "limits_are_never_exceeded"; }
  void restarted(const View& view) override {
    if (view.memory != nullptr) before_ = count_usage(view);
  }
  void stepped(const View& view) override {
    if (view.memory == nullptr) return;
    Usage usage = count_usage(view);
    // What runs on when its run comes to follow other tasks takes from then on what its task takes now.
    std::map<RunNo, std::string> versions;
    for (const DagRun& run : view.memory->runs) versions.emplace(run.no, run.dag_version_id);
    const bool is_followed_anew = std::ranges::any_of(versions, [&](const auto& entry) {
      const auto before = versions_.find(entry.first);
      return before != versions_.end() && before->second != entry.second;
    });
    versions_ = std::move(versions);
    if (is_followed_anew) {
      before_ = std::move(usage);
      return;
    }
    for (const auto& [what, use] : usage) {
      const auto before = before_.find(what);
      // In one step something may have been taken, and the limit been lowered then.
      const std::int64_t limit = before == before_.end() ? use.limit : std::max(use.limit, before->second.limit);
      if (use.limit < 0 || use.taken <= limit) continue;
      const bool has_grown = before == before_.end() || before->second.taken < use.taken;
      // A pool that counts deferred task instances from now on has more taken than before.
      if (has_grown && (before == before_.end() || before->second.counted_so == use.counted_so))
        violated(fmt::format("{} is {}, and {} are taken", words(what), use.limit, use.taken));
    }
    before_ = std::move(usage);
  }

 private:
  Usage before_;
  std::map<RunNo, std::string> versions_;
};

}  // namespace

std::unique_ptr<Invariant> limits_are_never_exceeded() {
  return std::make_unique<Limits>();
}

}  // namespace venturi::seeds
