#include "venturi/owned.h"

#include <utility>

namespace venturi::inline sdk::detail {

struct Shared::Block {
  const void* object;
  void (*destroy)(const void* object);
  long owners;
};

Shared::Shared(const void* object, void (*destroy)(const void* object)) {
  try {
    block_ = new Block{object, destroy, 1};
  } catch (...) {
    destroy(object);
    throw;
  }
}

Shared::Shared(const Shared& other) : block_(other.block_) {
  if (block_ != nullptr) ++block_->owners;
}

Shared::Shared(Shared&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}

Shared& Shared::operator=(Shared other) noexcept {
  std::swap(block_, other.block_);
  return *this;
}

Shared::~Shared() {
  if (block_ == nullptr || --block_->owners > 0) return;
  block_->destroy(block_->object);
  delete block_;
}

const void* Shared::get() const {
  return block_ == nullptr ? nullptr : block_->object;
}

}  // namespace venturi::inline sdk::detail
