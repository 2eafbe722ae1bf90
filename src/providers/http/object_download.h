// An object of any size into a file or elsewhere, in constant memory: what the stores of objects have in common.
//
//   connection broken after some bytes ─▶ goes on from there, as long as it is the same object
//   (what is sent then: the rest of it; or the store says that it is another one: from the beginning)
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

#include "net/http_request.h"
#include "operators/outcome.h"
#include "operators/try_log.h"
#include "providers/http/download_target.h"
#include "providers/http/file_writer.h"
#include "providers/http/http_call.h"

namespace venturi::providers {

// How a store gives an object.
class ObjectSource {
 public:
  virtual ~ObjectSource() = default;

  // In errors: "S3: GET s3://bucket/key".
  [[nodiscard]] virtual std::string shown() const = 0;
  [[nodiscard]] virtual const RetryRule& retry() const = 0;
  [[nodiscard]] virtual operators::TryLog& log() const = 0;

  // From that byte on; where it is not the first one, of the object that take() saw.
  [[nodiscard]] virtual boost::asio::awaitable<net::HttpRequest> request(std::uint64_t from) = 0;
  // The head of an answer with (a part of) the object.
  virtual void take(const net::HttpHead& head) = 0;
  // Whether take() saw what the rest of the same object can be asked for by.
  [[nodiscard]] virtual bool can_go_on() const = 0;
  // What an answer to a request for the rest means: it is not there any more.
  [[nodiscard]] virtual bool was_replaced(int status) const = 0;
  // Of an answer that is no success. Throws it where asking again is of no use.
  [[nodiscard]] virtual operators::TaskFailed refusal(const net::HttpAnswer& answer) = 0;
  // What check() compares.
  [[nodiscard]] virtual FileWriter::Checksum checksum() const = 0;
  // All is there. Throws TaskFailed where it is not what the store has.
  virtual void check(const FileWriter& file) const = 0;
};

// What is there of it when it throws is the caller's to take back. Nothing is checked.
[[nodiscard]] boost::asio::awaitable<void> download_object(ObjectSource& source, DownloadTarget& target);
// The file appears under its name when it is complete. How many bytes it has.
[[nodiscard]] boost::asio::awaitable<std::uint64_t> download_object(ObjectSource& source, std::string path);

}  // namespace venturi::providers
