// What a template sees of the world outside: ti, var, conn, macros, enums, and the language's own objects (loop, namespace).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "template/item.h"
#include "template/limits.h"

namespace venturi::templates {

struct Call;
class Runtime;
enum class Operator : std::uint8_t;

// Thrown by a HostObject where the answer has to be fetched first. It passes through the evaluator unseen; Template's render
// functions return it. The request's form is the business of those who throw and answer it (airflow_context.h for Airflow's
// names).
struct NotYet {
  Value request;
};

class HostObject {
 public:
  virtual ~HostObject() = default;

  [[nodiscard]] virtual std::string type_name() const = 0;
  // nullopt: there is none; then `.name` tries the item and `[key]` the attribute, as in Jinja.
  [[nodiscard]] virtual std::optional<Item> attribute(std::string_view name);
  [[nodiscard]] virtual std::optional<Item> item(const Item& key);
  // The default of the rest is what Python says of an object without the method: a TypeError.
  virtual Item call(Call& call);
  [[nodiscard]] virtual bool callable() const { return false; }
  [[nodiscard]] virtual std::string repr(Walk& walk);  // `walk` for those that write what they hold
  [[nodiscard]] virtual std::string str();
  [[nodiscard]] virtual std::optional<std::size_t> length() { return std::nullopt; }
  [[nodiscard]] virtual std::optional<Items> iterate() { return std::nullopt; }
  // nullopt: this object itself takes part in operators and comparisons. Otherwise what stands for it there: a proxy's object,
  // a text enum's text, an interval's timedelta.
  [[nodiscard]] virtual std::optional<Item> plain() { return std::nullopt; }
  // What the object makes of `this op other`, or of `other op this` where it is reflected; nullopt: as if it had no operator.
  [[nodiscard]] virtual std::optional<Item> operate(Runtime& runtime, Operator op, const Item& other, bool reflected);
  // Every step-th of the elements from first up to last; nullopt: it has no slices.
  [[nodiscard]] virtual std::optional<Item> slice(std::int64_t first, std::int64_t last, std::int64_t step);
  [[nodiscard]] virtual bool is_mapping() const { return false; }
  [[nodiscard]] virtual bool is_sequence() const { return false; }
  // What it keeps alive, so that nothing comes to contain itself and deep nests can be freed.
  [[nodiscard]] virtual Items* held() { return nullptr; }
};

// A host object that keeps items of the template.
class Holder : public HostObject {
 public:
  explicit Holder(Items items) : held_(std::move(items)) {}
  ~Holder() override { dismantle(held_); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  [[nodiscard]] Items* held() override { return &held_; }

 protected:
  Items held_;
};

// Made by filters and methods that give a generator in Python: can be gone through once.
class Generator final : public Holder {
 public:
  Generator(std::string type, Items items) : Holder(std::move(items)), type_(std::move(type)) {}
  [[nodiscard]] std::string type_name() const override { return type_; }
  [[nodiscard]] std::optional<Items> iterate() override { return std::exchange(held_, {}); }

 private:
  std::string type_;
};

[[nodiscard]] Item make_generator(Items items);

}  // namespace venturi::templates
