// Python's dict: keeps the order of insertion; keys are scalars, dates or tuples of those.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "template/item.h"

namespace venturi::templates {

class Dict {
 public:
  struct Entry {
    Item key, value;
    std::size_t hash;
  };

  Dict() = default;
  ~Dict();
  Dict(const Dict&) = delete;
  Dict& operator=(const Dict&) = delete;

  // nullptr where the key is absent. TypeError for a key that cannot be one.
  [[nodiscard]] Item* find(const Item& key);
  [[nodiscard]] Item* find(std::string_view key);
  void set(const Item& key, Item value);
  bool erase(const Item& key);
  void clear();
  [[nodiscard]] Items keys() const;
  [[nodiscard]] std::shared_ptr<Dict> copy() const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] auto begin() const { return entries_.begin(); }
  [[nodiscard]] auto end() const { return entries_.end(); }

 private:
  friend void dismantle(Items& items);

  template <class Same>
  [[nodiscard]] std::size_t position(std::size_t hash, Same same) const;
  void index(std::size_t entry);
  void rebuild();

  std::vector<Entry> entries_;
  // Open addressing, positions in entries_ plus one; empty while there are few entries, which are searched in order.
  std::vector<std::uint32_t> slots_;
};

}  // namespace venturi::templates
