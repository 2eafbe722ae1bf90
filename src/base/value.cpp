// C++20 without third parties: part of the SDK archive.
#include "venturi/value.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace venturi {
namespace {

// Below this many members comparing every pair is cheaper than an index.
constexpr std::size_t small_object = 16;

[[noreturn]] void wrong_type(const char* expected, const Value& found) {
  throw ValueError(std::string("expected ") + expected + ", found " + found.type_name());
}

[[noreturn]] void missing(std::string_view key) {
  throw ValueError("no key \"" + std::string(key) + '"');
}

// Exact, as Python compares: 2**53 + 1 is no float, so it equals none.
bool equal(std::int64_t i, double d) {
  constexpr double limit = 9223372036854775808.0;  // 2^63, the first double above every int64
  return d >= -limit && d < limit && std::trunc(d) == d && static_cast<std::int64_t>(d) == i;
}

}  // namespace

Object::Object() noexcept = default;
Object::Object(const Object&) = default;
Object::Object(Object&&) noexcept = default;
Object& Object::operator=(const Object&) = default;
Object& Object::operator=(Object&&) noexcept = default;
Object::~Object() = default;

Object::Member::Member(std::string_view k, Value v) : key(k), value(std::move(v)) {}
Object::Member::~Member() = default;

Object::Object(std::initializer_list<Member> members) {
  entries_.reserve(members.size());
  for (const Member& member : members) set(member.key, std::move(member.value));
}

Object Object::from_entries(std::vector<Entry> entries) {
  Object object;
  bool unique = true;
  if (entries.size() <= small_object) {
    for (std::size_t i = 1; i < entries.size() && unique; ++i) {
      for (std::size_t k = 0; k < i && unique; ++k) unique = entries[k].first != entries[i].first;
    }
  } else {
    std::unordered_map<std::string_view, std::size_t> last;
    last.reserve(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) last[entries[i].first] = i;
    unique = last.size() == entries.size();
    if (!unique) {
      object.entries_.reserve(last.size());
      std::vector<std::size_t> order;  // of the last ones, in the places of the first ones
      for (const Entry& entry : entries) {
        if (const auto found = last.find(entry.first); found != last.end()) {
          order.push_back(found->second);
          last.erase(found);
        }
      }
      for (const std::size_t i : order) object.entries_.push_back(std::move(entries[i]));
      return object;
    }
  }
  if (unique) {
    object.entries_ = std::move(entries);
  } else {
    for (Entry& entry : entries) object.set(entry.first, std::move(entry.second));
  }
  return object;
}

const Value* Object::find(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (entry.first == key) return &entry.second;
  }
  return nullptr;
}

Value* Object::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

const Value& Object::at(std::string_view key) const {
  if (const Value* value = find(key)) return *value;
  missing(key);
}

Value& Object::set(std::string_view key, Value value) {
  if (Value* existing = find(key)) return *existing = std::move(value);
  return add(std::string(key), std::move(value));
}

Value& Object::add(std::string key, Value value) {
  return entries_.emplace_back(std::move(key), std::move(value)).second;
}

bool Object::erase(std::string_view key) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.first == key; });
  if (found == entries_.end()) return false;
  entries_.erase(found);
  return true;
}

std::size_t Object::size() const {
  return entries_.size();
}
bool Object::empty() const {
  return entries_.empty();
}
std::vector<Object::Entry>::const_iterator Object::begin() const {
  return entries_.begin();
}
std::vector<Object::Entry>::const_iterator Object::end() const {
  return entries_.end();
}
void Object::reserve(std::size_t n) {
  entries_.reserve(n);
}

bool operator==(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  // Mostly both were built by the same code, in the same order.
  std::size_t same = 0;
  while (same < a.size() && a.entries_[same].first == b.entries_[same].first) {
    if (!(a.entries_[same].second == b.entries_[same].second)) return false;
    ++same;
  }
  if (a.size() - same <= small_object) {
    for (std::size_t i = same; i < a.size(); ++i) {
      const Value* other = b.find(a.entries_[i].first);
      if (other == nullptr || !(a.entries_[i].second == *other)) return false;
    }
    return true;
  }
  std::unordered_map<std::string_view, const Value*> index;
  index.reserve(b.size() - same);
  for (std::size_t i = same; i < b.size(); ++i) index.emplace(b.entries_[i].first, &b.entries_[i].second);
  for (std::size_t i = same; i < a.size(); ++i) {
    const auto other = index.find(a.entries_[i].first);
    if (other == index.end() || !(a.entries_[i].second == *other->second)) return false;
  }
  return true;
}

Value::Value() noexcept = default;
Value::Value(std::nullptr_t) noexcept {}
Value::Value(bool b) noexcept : data_(b) {}
Value::Value(int i) noexcept : data_(static_cast<std::int64_t>(i)) {}
Value::Value(unsigned i) noexcept : data_(static_cast<std::int64_t>(i)) {}
Value::Value(long i) noexcept : data_(static_cast<std::int64_t>(i)) {}
Value::Value(long long i) noexcept : data_(static_cast<std::int64_t>(i)) {}
Value::Value(unsigned long i) noexcept : data_(static_cast<std::int64_t>(i)) {}
Value::Value(unsigned long long i) noexcept : data_(static_cast<std::int64_t>(i)) {}
Value::Value(double d) noexcept : data_(d) {}
Value::Value(const char* s) : data_(std::string(s)) {}
Value::Value(std::string_view s) : data_(std::string(s)) {}
Value::Value(std::string s) noexcept : data_(std::move(s)) {}
Value::Value(Array a) noexcept : data_(std::move(a)) {}
Value::Value(Object o) noexcept : data_(std::move(o)) {}
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

bool Value::as_bool() const {
  if (const auto* b = std::get_if<bool>(&data_)) return *b;
  wrong_type("boolean", *this);
}

std::int64_t Value::as_int() const {
  if (const auto* i = std::get_if<std::int64_t>(&data_)) return *i;
  wrong_type("integer", *this);
}

double Value::as_double() const {
  if (const auto* d = std::get_if<double>(&data_)) return *d;
  if (const auto* i = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*i);
  wrong_type("number", *this);
}

const std::string& Value::as_string() const {
  if (const auto* s = std::get_if<std::string>(&data_)) return *s;
  wrong_type("string", *this);
}

const Array& Value::as_array() const {
  if (const auto* a = std::get_if<Array>(&data_)) return *a;
  wrong_type("array", *this);
}

const Object& Value::as_object() const {
  if (const auto* o = std::get_if<Object>(&data_)) return *o;
  wrong_type("object", *this);
}

Array& Value::as_array() {
  return const_cast<Array&>(std::as_const(*this).as_array());
}
Object& Value::as_object() {
  return const_cast<Object&>(std::as_const(*this).as_object());
}

const Value* Value::get(std::string_view key) const {
  const auto* object = std::get_if<Object>(&data_);
  const Value* value = object != nullptr ? object->find(key) : nullptr;
  return value != nullptr && !value->is_null() ? value : nullptr;
}

Value Value::get_value(std::string_view key) const {
  const Value* found = get(key);
  return found == nullptr ? Value() : *found;
}

Value Value::take_value(std::string_view key) {
  Value* found = is_object() ? as_object().find(key) : nullptr;
  return found == nullptr ? Value() : std::exchange(*found, {});
}

std::string Value::get_string(std::string_view key, std::string_view otherwise) const {
  const Value* value = get(key);
  return value != nullptr && value->is_string() ? value->as_string() : std::string(otherwise);
}

std::int64_t Value::get_int(std::string_view key, std::int64_t otherwise) const {
  const Value* value = get(key);
  return value != nullptr && value->is_int() ? value->as_int() : otherwise;
}

double Value::get_double(std::string_view key, double otherwise) const {
  const Value* value = get(key);
  return value != nullptr && value->is_number() ? value->as_double() : otherwise;
}

bool Value::get_bool(std::string_view key, bool otherwise) const {
  const Value* value = get(key);
  return value != nullptr && value->is_bool() ? value->as_bool() : otherwise;
}

const Value& Value::at(std::string_view key) const {
  const auto* object = std::get_if<Object>(&data_);
  if (object == nullptr) {
    throw ValueError("expected object with the key \"" + std::string(key) + "\", found " + type_name());
  }
  return object->at(key);
}

const char* Value::type_name() const {
  static constexpr const char* names[] = {"null", "boolean", "integer", "number", "string", "array", "object"};
  return names[data_.index()];
}

bool operator==(const Value& a, const Value& b) {
  if (a.data_.index() == b.data_.index()) return a.data_ == b.data_;
  if (a.is_int() && b.is_double()) return equal(*std::get_if<std::int64_t>(&a.data_), *std::get_if<double>(&b.data_));
  if (a.is_double() && b.is_int()) return equal(*std::get_if<std::int64_t>(&b.data_), *std::get_if<double>(&a.data_));
  return false;
}

}  // namespace venturi
