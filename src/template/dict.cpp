#include "template/dict.h"

#include "template/compare.h"

namespace venturi::templates {
namespace {

constexpr std::size_t searched_in_order = 8;
constexpr std::size_t absent = static_cast<std::size_t>(-1);

}  // namespace

Dict::~Dict() {
  clear();
}

template <class Same>
std::size_t Dict::position(std::size_t hash, Same same) const {
  if (slots_.empty()) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].hash == hash && same(entries_[i].key)) return i;
    }
    return absent;
  }
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask; slots_[slot] != 0; slot = (slot + 1) & mask) {
    const Entry& entry = entries_[slots_[slot] - 1];
    if (entry.hash == hash && same(entry.key)) return slots_[slot] - 1;
  }
  return absent;
}

Item* Dict::find(const Item& key) {
  const std::size_t found = position(hash(key), [&](const Item& other) { return equal(key, other); });
  return found == absent ? nullptr : &entries_[found].value;
}

Item* Dict::find(std::string_view key) {
  const std::size_t found =
      position(hash_text(key), [&](const Item& other) { return other.is_text() && other.as_string() == key; });
  return found == absent ? nullptr : &entries_[found].value;
}

void Dict::set(const Item& key, Item value) {
  const std::size_t key_hash = hash(key);
  const std::size_t found = position(key_hash, [&](const Item& other) { return equal(key, other); });
  if (found != absent) {
    entries_[found].value = std::move(value);
    return;
  }
  entries_.push_back({key, std::move(value), key_hash});
  if (entries_.size() > searched_in_order && entries_.size() * 2 > slots_.size()) {
    rebuild();
  } else if (!slots_.empty()) {
    index(entries_.size() - 1);
  }
}

void Dict::index(std::size_t entry) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = entries_[entry].hash & mask;
  while (slots_[slot] != 0) slot = (slot + 1) & mask;
  slots_[slot] = static_cast<std::uint32_t>(entry + 1);
}

void Dict::rebuild() {
  std::size_t size = 32;
  while (size < entries_.size() * 4) size *= 2;
  slots_.assign(size, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) index(i);
}

bool Dict::erase(const Item& key) {
  const std::size_t found = position(hash(key), [&](const Item& other) { return equal(key, other); });
  if (found == absent) return false;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(found));
  if (!slots_.empty()) rebuild();
  return true;
}

void Dict::clear() {
  Items items;
  items.reserve(entries_.size());
  for (Entry& entry : entries_) items.push_back(std::move(entry.value));
  entries_.clear();
  slots_.clear();
  dismantle(items);
}

Items Dict::keys() const {
  Items keys;
  keys.reserve(entries_.size());
  for (const Entry& entry : entries_) keys.push_back(entry.key);
  return keys;
}

std::shared_ptr<Dict> Dict::copy() const {
  auto copy = std::make_shared<Dict>();
  copy->entries_ = entries_;
  copy->slots_ = slots_;
  return copy;
}

}  // namespace venturi::templates
