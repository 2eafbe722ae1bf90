// PostgresToCsvOperator: the rows of a query into a CSV file (RFC 4180, as COPY writes it).
//
//   sql, parameters  as PostgresToFileOperator
//   path             absolute; the folder has to be there. It is written under a temporary name, synced and renamed, so whoever
//                    sees the file sees all of it
//   delimiter        one ASCII character, ","
//   header           true: the first row has the names of the columns
//   null_text        what stands for NULL, nothing by default ("" is the empty text then)
//   encoding         utf-8; others by iconv
//
// The XCom is the path.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "base/fd.h"
#include "operators/charset.h"
#include "operators/mover_try.h"
#include "operators/outcome.h"
#include "providers/csv/csv_input.h"
#include "providers/postgres/mover_sql.h"
#include "providers/postgres/postgres.h"

namespace venturi::providers {
namespace {

using operators::Arguments;
using operators::MoverTry;
using operators::TaskFailed;
using operators::TaskFailedForGood;

constexpr std::size_t written_at_once = 256UL << 10U;

// A file that appears under its name when it is complete, and leaves nothing where it does not.
class NewFile {
 public:
  // `tag` makes the temporary name one of its own.
  NewFile(std::string path, const std::string& tag) : path_(std::move(path)) {
    const auto slash = path_.rfind('/');
    folder_ = slash == 0 ? "/" : path_.substr(0, slash);
    temporary_ = path_.substr(0, slash + 1) + "." + path_.substr(slash + 1) + "." + tag + ".tmp";
    fd_ = Fd(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd_) fail("made");
  }
  ~NewFile() {
    if (fd_) ::unlink(temporary_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  void write(std::string_view bytes) {
    if (!write_all(fd_.get(), bytes)) fail("written");
    size_ += bytes.size();
  }
  void finish() {
    const Fd folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (::fsync(fd_.get()) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) fail("written");
    fd_.reset();
    if (folder) ::fsync(folder.get());
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw TaskFailed(fmt::format("{} cannot be {}: {}; check the operator's path on the machine of the worker", path_, what,
                                 std::strerror(errno)));
  }
  std::string path_, folder_, temporary_;
  Fd fd_;
  std::size_t size_ = 0;
};

// Collects bytes of UTF-8, and writes them in the encoding that is wanted.
class EncodedFile {
 public:
  EncodedFile(NewFile& file, const std::string& encoding) : file_(file) {
    if (operators::is_utf8_name(encoding)) return;
    auto made = operators::CharsetConverter::make("UTF-8", encoding);
    if (!made) throw TaskFailedForGood("the argument encoding: " + made.error().text());
    converter_.emplace(*std::move(made));
  }
  void put(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() >= written_at_once) flush();
  }
  void flush() {
    if (!converter_) {
      file_.write(buffer_);
      return buffer_.clear();
    }
    std::string_view rest = buffer_;
    char block[16384];
    while (!rest.empty()) {
      const auto n = converter_->convert(rest, block, sizeof block);
      if (!n) throw TaskFailed("the rows cannot be written in the argument encoding: " + n.error().text());
      file_.write({block, *n});
    }
    buffer_.clear();
  }

 private:
  NewFile& file_;
  std::string buffer_;
  std::optional<operators::CharsetConverter> converter_;
};

std::string copy_options(PgConnection& connection, const Arguments& arguments) {
  const std::string null_text = arguments.string("null_text");
  const char delimiter = delimiter_of(arguments);
  if (null_text.find_first_of("\r\n\"") != std::string::npos || null_text.find(delimiter) != std::string::npos)
    throw TaskFailedForGood("the argument null_text must have no quote, no line break and no delimiter in it");
  return fmt::format("FORMAT csv, HEADER {}, DELIMITER {}, NULL {}", arguments.boolean("header", true),
                     connection.literal(std::string(1, delimiter)), connection.literal(null_text));
}

}  // namespace

Value move_postgres_to_csv(MoverTry& t, const Arguments& arguments) {
  const std::string path = arguments.string("path");
  if (!path.starts_with('/') || path.ends_with('/'))
    throw TaskFailedForGood(fmt::format("the argument path must be an absolute path of a file, not '{}'", path));
  PgConnection connection = connect_to(t, arguments);
  t.log.info(fmt::format("connected to {}, version {}", connection.where(), connection.server_version()));
  const std::string options = copy_options(connection, arguments), sql = query_of(connection, arguments);
  // What is no query is found out before a file is made.
  const PgResult description = connection.describe(sql);
  if (::PQnfields(description.get()) == 0)
    throw TaskFailedForGood("the sql returns no columns: it must be a query, like SELECT");
  NewFile file(path, t.facts.ti_id);
  EncodedFile out(file, arguments.string("encoding", "utf-8"));
  // The line feed ends a comment that the query may end with.
  connection.begin_copy("COPY (" + sql + "\n) TO STDOUT (" + options + ")");
  std::int64_t rows = arguments.boolean("header", true) ? -1 : 0;
  for (std::string_view row = connection.next_row(); !row.empty(); row = connection.next_row()) {
    out.put(row);
    ++rows;
  }
  out.flush();
  file.finish();
  t.log.info(fmt::format("wrote {} rows, {} bytes, to {}", rows, file.size(), path));
  return path;
}

}  // namespace venturi::providers
