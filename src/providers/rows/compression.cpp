#include "providers/rows/compression.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/gzip_stream.h"
#include "operators/outcome.h"

namespace venturi::providers {

using operators::TaskFailedForGood;

Compression compression_of(const operators::Arguments& arguments, std::string_view argument, const std::string& path) {
  const std::string word = arguments.string(argument, "infer");
  if (word == "gzip" || (word == "infer" && path.ends_with(".gz"))) return Compression::gzip;
  if (word == "none") return Compression::none;
  if (word != "infer") {
    throw TaskFailedForGood(fmt::format("the argument {} must be infer, gzip or none, not '{}'", argument, word));
  }
  // What pandas would unpack by its name is no text that anybody could read or expects.
  for (const std::string_view ending : {".bz2", ".xz", ".zst", ".zip"}) {
    if (path.ends_with(ending)) {
      throw TaskFailedForGood(fmt::format(
          "{} is named as if it were compressed, and only gzip is there: set {} to none where it is not", path, argument));
    }
  }
  return Compression::none;
}

CsvSource unpacked(CsvSource source, std::string path) {
  // A std::function is copied.
  const auto gunzip = std::make_shared<Gunzip>(std::move(source));
  return [gunzip, path = std::move(path)](char* to, std::size_t capacity) {
    const auto got = gunzip->read(to, capacity);
    if (!got) throw operators::TaskFailed(path + ": " + got.error().what);
    return *got;
  };
}

}  // namespace venturi::providers
