#include "template/loop_object.h"

#include <algorithm>

#include "template/compare.h"

namespace venturi::templates {

void LoopObject::finish() {
  finished_ = true;
  if (last_changed_) dismantle(*last_changed_);
  dismantle(held_);
}

void LoopObject::require_running() const {
  if (finished_) fail(ErrorKind::runtime, "the loop is over: take what is needed of `loop` while it runs");
}

std::optional<Item> LoopObject::attribute(std::string_view name) {
  require_running();
  const std::size_t size = held_.size();
  if (name == "index") return index_ + 1;
  if (name == "index0") return index_;
  if (name == "revindex") return size - index_;
  if (name == "revindex0") return static_cast<std::int64_t>(size) - static_cast<std::int64_t>(index_) - 1;
  if (name == "first") return index_ == 0;
  if (name == "last") return index_ + 1 >= size;
  if (name == "length") return size;
  if (name == "depth") return depth_ + 1;
  if (name == "depth0") return depth_;
  if (name == "previtem") return index_ == 0 ? Item::undefined("there is no previous item") : held_[index_ - 1];
  if (name == "nextitem") return index_ + 1 >= size ? Item::undefined("there is no next item") : held_[index_ + 1];
  if (name == "cycle") {
    return make_function("cycle", [index = index_](Call& call) -> Item {
      if (call.args.empty()) fail(ErrorKind::type, "no items for cycling given");
      return call.args[index % call.args.size()];
    });
  }
  if (name == "changed") {
    return make_function("changed", [self = shared_from_this()](Call& call) -> Item {
      self->require_running();
      if (self->last_changed_ && std::ranges::equal(*self->last_changed_, call.args, equal)) return false;
      self->last_changed_ = call.args;
      return true;
    });
  }
  return std::nullopt;
}

Item LoopObject::call(Call& call) {
  require_running();
  if (!node_.recursive) {
    fail(ErrorKind::type, "The loop must have the 'recursive' marker to be called recursively.");
  }
  const Args args(call, {"iterable"}, 1);
  Sink sink(evaluator_.budget, evaluator_.native_);
  Sink* const outer_sink = std::exchange(evaluator_.sink_, &sink);
  evaluator_.loop(node_, templates::iterate(evaluator_, args[0]), outer_, depth_ + 1);
  evaluator_.sink_ = outer_sink;
  return sink.finish();
}

std::string LoopObject::repr(Walk&) {
  return "<LoopContext " + std::to_string(index_ + 1) + "/" + std::to_string(size_) + ">";
}

}  // namespace venturi::templates
