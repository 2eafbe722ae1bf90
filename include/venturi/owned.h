// Owning pointers for the public headers. <memory> would do, and would cost each compilation of a DAG file 25 ms with g++.
#pragma once

namespace venturi::inline sdk::detail {

// One owner of something that only the archive knows: as std::unique_ptr.
template <class T>
class Owned {
 public:
  explicit Owned(T* pointer) : pointer_(pointer) {}
  Owned(Owned&& other) noexcept : pointer_(other.pointer_) { other.pointer_ = nullptr; }
  Owned& operator=(Owned&& other) noexcept {
    T* const mine = pointer_;
    pointer_ = other.pointer_;
    other.pointer_ = mine;
    return *this;
  }
  ~Owned() { delete pointer_; }

  T* operator->() const { return pointer_; }
  T& operator*() const { return *pointer_; }

 private:
  T* pointer_;
};

// An object of a forgotten type that all copies share, not to be changed while several threads have one.
class Shared {
 public:
  Shared() = default;
  Shared(const void* object, void (*destroy)(const void* object));
  Shared(const Shared& other);
  Shared(Shared&& other) noexcept;
  Shared& operator=(Shared other) noexcept;
  ~Shared();

  [[nodiscard]] const void* get() const;  // nullptr where there is none

 private:
  struct Block;
  Block* block_ = nullptr;
};

template <class F>
void destroy(const void* object) {
  delete static_cast<const F*>(object);
}

}  // namespace venturi::inline sdk::detail
