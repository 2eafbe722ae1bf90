// A resumable upload to Google Cloud Storage, one request at a time: what sends a file (gcs_upload.h) and what sends bytes of
// unknown length (gcs_sink.h) have in common.
//
//   POST .../o?uploadType=resumable       ─▶ an address that stands for the upload: a secret
//   PUT  it, Content-Range: bytes 0-N/S   ─▶ 308, Range: bytes=0-M   M+1 bytes are there: the next piece begins behind them
//   (S may be * until the last piece)
//   no answer, 408, 429, 5xx              ─▶ PUT it, Content-Range: bytes */S: how many are there?
//   404, 410                              ─▶ it is over
//   200                                   ─▶ the object
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <optional>
#include <string>

#include "operators/outcome.h"
#include "providers/google/gcs_client.h"

namespace venturi::providers {

struct GcsUpload {
  std::string mime_type = "application/octet-stream";
  std::uint64_t piece_bytes = 8UL << 20U;  // a multiple of 256 KiB
  std::string content_encoding = {}, cache_control = {};
  Object metadata = {};  // of the user's, texts
};
inline constexpr std::uint64_t gcs_piece_unit = 256UL << 10U;

// What came of one request.
struct GcsStep {
  std::optional<GcsObject> object;              // all of it is there
  std::optional<std::uint64_t> there;           // so many bytes are
  std::optional<operators::TaskFailed> failed;  // it may be asked again
  std::optional<net::HttpHead> refused;         // ... which may say when
  bool is_over = false;                         // the server does not know the upload (any more)
};

class GcsSession {
 public:
  GcsSession(GcsClient& gcs, GcsPlace place, GcsUpload how);

  // The size, where it is known. Throws TaskFailed.
  [[nodiscard]] boost::asio::awaitable<void> begin(std::optional<std::uint64_t> size);
  [[nodiscard]] bool has_begun() const { return !address_.empty(); }
  // `range`: Content-Range. The CRC-32C of all, as Google writes it, goes with the last piece. Throws what asking again does
  // not help against.
  [[nodiscard]] boost::asio::awaitable<GcsStep> put(std::string range, std::string bytes, std::string crc32c = {});
  // One attempt, within seconds. Never throws: what failed before is what is told.
  [[nodiscard]] boost::asio::awaitable<void> give_up();
  // Compared with the sum of what was read: the object is deleted where it is another one, and TaskFailed thrown.
  [[nodiscard]] boost::asio::awaitable<void> check(GcsObject object, std::string crc32c);

  [[nodiscard]] const GcsPlace& place() const { return place_; }
  [[nodiscard]] const GcsUpload& how() const { return how_; }
  [[nodiscard]] const std::string& shown() const { return shown_; }
  [[nodiscard]] GcsClient& gcs() { return gcs_; }

 private:
  [[nodiscard]] std::string bucket_path() const;

  GcsClient& gcs_;
  GcsPlace place_;
  GcsUpload how_;
  std::string shown_, address_;
};

// "bytes 0-99/*"; "bytes */100" where there are none of them.
[[nodiscard]] std::string content_range(std::uint64_t begin, std::uint64_t size, std::optional<std::uint64_t> total);
// As Google writes it: base64 of the four bytes, the largest first.
[[nodiscard]] std::string crc32c_text(std::uint32_t crc);

}  // namespace venturi::providers
