// `loop` within a for loop.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "template/evaluator.h"

namespace venturi::templates {

class LoopObject final : public Holder, public std::enable_shared_from_this<LoopObject> {
 public:
  LoopObject(Evaluator& evaluator, const For& node, Items items, Scope& outer, int depth)
      : Holder(std::move(items)), evaluator_(evaluator), node_(node), outer_(outer), depth_(depth), size_(held_.size()) {}

  [[nodiscard]] std::string type_name() const override { return "LoopContext"; }
  [[nodiscard]] std::optional<Item> attribute(std::string_view name) override;
  [[nodiscard]] std::optional<std::size_t> length() override { return held_.size(); }
  [[nodiscard]] bool callable() const override { return true; }
  // loop(items): the same loop over others, of a recursive one.
  Item call(Call& call) override;
  [[nodiscard]] std::string repr(Walk& walk) override;

  [[nodiscard]] const Items& items() const { return held_; }
  void move_to(std::size_t index) { index_ = index; }
  // When the loop is over nobody has a use for it; and what it holds could hold it.
  void finish();

 private:
  void require_running() const;

  Evaluator& evaluator_;
  const For& node_;
  Scope& outer_;
  const int depth_;
  const std::size_t size_;
  std::size_t index_ = 0;
  bool finished_ = false;
  std::optional<Items> last_changed_;  // the arguments of the last loop.changed()
};

}  // namespace venturi::templates
