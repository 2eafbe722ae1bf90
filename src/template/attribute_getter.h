// The `attribute` argument of sort, map, groupby and others: "a.b.0", an index, or nothing for the item itself.
#pragma once

#include <vector>

#include "template/call.h"

namespace venturi::templates {

// Text in lower case, anything else as it is.
[[nodiscard]] Item ignore_case(const Item& item);

class AttributeGetter {
 public:
  // `otherwise` takes the place of what is undefined; it must live on.
  AttributeGetter(Runtime& runtime, const Item& attribute, bool ignores_case, const Item* otherwise = nullptr);
  [[nodiscard]] Item get(const Item& item) const { return get(item, paths_.front()); }
  // "a,b": a list of them.
  [[nodiscard]] Item all(const Item& item) const;

 private:
  using Path = std::vector<Item>;
  [[nodiscard]] Item get(const Item& item, const Path& path) const;

  Runtime& runtime_;
  std::vector<Path> paths_;
  const bool ignores_case_;
  const Item* otherwise_;
};

}  // namespace venturi::templates
