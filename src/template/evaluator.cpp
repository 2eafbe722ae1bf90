#include "template/evaluator.h"

#include "template/builtins.h"
#include "template/dict.h"
#include "template/inheritance.h"
#include "template/literal_eval.h"
#include "template/markup.h"

namespace venturi::templates {
namespace {

// What jinja2.nativetypes.native_concat gives.
Item native_concatenation(Items values) {
  if (values.empty()) return {};
  if (values.size() == 1 && !values.front().is_text()) {
    if (values.front().is_undefined()) values.front().as_undefined().use();
    return values.front();
  }
  std::string text;
  for (const Item& value : values) append_str(text, value);
  if (auto literal = literal_eval(text)) return std::move(*literal);
  return values.size() == 1 ? values.front() : Item(std::move(text));  // Markup stays that
}

// A macro, `loop` or `caller` belongs to the rendering and is gone with it.
void require_outlives(const Item& value) {
  Items pending = {value};
  while (!pending.empty()) {
    const Item next = std::move(pending.back());
    pending.pop_back();
    if (next.is(Type::callable) || (next.is(Type::host) && next.as_host()->held() != nullptr)) {
      fail(ErrorKind::type, "a " + type_name(next) + " cannot be a native result: call it, or make it a list");
    }
    if (next.is_sequence()) pending.insert(pending.end(), next.sequence().begin(), next.sequence().end());
    if (next.is(Type::dict)) {
      for (const Dict::Entry& entry : next.as_dict()) pending.push_back(entry.value);
    }
  }
}

}  // namespace

void Sink::text(std::string_view text) {
  if (muted) return;
  budget_.write(text.size());
  if (native_) {
    values_.emplace_back(text);
  } else {
    text_ += text;
  }
}

void Sink::value(const Item& item, bool escaped) {
  if (muted) return;
  if (native_) {
    budget_.make_items(1);
    values_.push_back(item);
  } else if (escaped) {
    text(escape(item));
  } else {
    const std::size_t before = text_.size();
    append_str(text_, item);
    budget_.write(text_.size() - before);
  }
}

Item Sink::finish() {
  return native_ ? native_concatenation(std::move(values_)) : Item(std::move(text_));
}

Evaluator::Evaluator(std::shared_ptr<const Environment> environment, const Context& context, bool native)
    : Runtime(environment->limits, environment->zones.get()),
      environment_(std::move(environment)),
      context_(context),
      native_(native),
      random_state_(context.random_seed()),
      globals_(nullptr),
      context_scope_(&globals_) {}

Item Evaluator::run(const std::shared_ptr<const Tree>& tree) {
  try {
    Sink sink(budget, native_);
    sink_ = &sink;
    Unit& unit = units_.emplace_back(&context_scope_);
    run_unit(unit, tree);
    Item result = sink.finish();
    if (native_) require_outlives(result);
    return result;
  } catch (const TemplateError& error) {
    if (error.line() != 0) throw;
    throw TemplateError(error.kind(), context_.redact(error.message()), place_.tree == nullptr ? tree->name : place_.tree->name,
                        std::max(place_.line, 1));
  }
}

// splitmix64.
std::uint64_t Evaluator::random() {
  std::uint64_t z = random_state_ += 0x9e3779b97f4a7c15U;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
  z = (z ^ z >> 27) * 0x94d049bb133111ebU;
  return z ^ z >> 31;
}

Item Evaluator::lookup(std::string_view name) {
  if (const Item* found = scope_->find(name)) return *found;
  const bool sees_context = scope_->descends_from(context_scope_);
  if (name == "self") return std::make_shared<SelfReference>(*this, *unit_);
  if (sees_context) {
    if (auto found = context_.find(name)) {
      context_scope_.set(name, *found);
      return std::move(*found);
    }
  }
  if (const Native function = find_global(name)) {
    Item global = std::make_shared<const Callable>(Callable{std::string(name), function, std::nullopt, global_repr(name)});
    globals_.set(name, global);
    return global;
  }
  const std::string hint = sees_context ? context_.hint(name) : "";
  return Item::undefined("'" + std::string(name) + "' is undefined" + (hint.empty() ? "" : ": " + hint));
}

}  // namespace venturi::templates
