#include "operators/known_secrets.h"

#include <algorithm>

namespace venturi::operators {

std::shared_ptr<const KnownSecrets> SecretsPool::of(const std::vector<std::string>& texts) {
  std::weak_ptr<const KnownSecrets>& slot = known_[texts];
  if (auto known = slot.lock()) return known;
  auto made = std::make_shared<const KnownSecrets>(texts);
  slot = made;
  if (known_.size() > swept_at_) {
    std::erase_if(known_, [](const auto& entry) { return entry.second.expired(); });
    swept_at_ = std::max<std::size_t>(64, 2 * known_.size());
  }
  return made;
}

}  // namespace venturi::operators
