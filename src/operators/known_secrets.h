// What a log has to mask, and the automaton that does it: shared by all tries of a host that know the same. Thousands of waits
// with one connection would take some KiB each otherwise.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/masking.h"

namespace venturi::operators {

struct KnownSecrets {
  KnownSecrets() = default;
  explicit KnownSecrets(std::vector<std::string> secrets) : texts(std::move(secrets)), masker(texts) {}
  const std::vector<std::string> texts;
  const Masker masker;
};

class SecretsPool {
 public:
  [[nodiscard]] std::shared_ptr<const KnownSecrets> of(const std::vector<std::string>& texts);

 private:
  std::map<std::vector<std::string>, std::weak_ptr<const KnownSecrets>> known_;
  std::size_t swept_at_ = 64;  // entries: what nobody holds any more goes then
};

}  // namespace venturi::operators
