// What becomes an object of a store while it is written, whatever its size will be: the object is there as a whole once
// finish() has returned, and not at all before.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace venturi::providers {

class ObjectSink {
 public:
  virtual ~ObjectSink() = default;

  // Throw TaskFailed; after that only give_up() may be called.
  [[nodiscard]] virtual boost::asio::awaitable<void> write(std::string bytes) = 0;
  [[nodiscard]] virtual boost::asio::awaitable<void> finish() = 0;
  // Nothing of it stays with the store, as far as it can be reached. Never throws: what failed before is what is told. Of a try
  // that is cancelled, it is called with cancellation switched off.
  [[nodiscard]] virtual boost::asio::awaitable<void> give_up() = 0;

  // "s3://bucket/key"
  [[nodiscard]] virtual std::string name() const = 0;
  // So many bytes were written.
  [[nodiscard]] virtual std::uint64_t size() const = 0;
};
using ObjectSinkPtr = std::shared_ptr<ObjectSink>;

}  // namespace venturi::providers
