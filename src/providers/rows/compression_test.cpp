// Text files that are compressed, through the mover process; unpacked and packed by gzip itself.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/sanitized.h"
#include "providers/testing/host_program.h"
#include "venturi/run_file.h"

namespace venturi::providers::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CompressionTest : public MoverProgramTest {
 protected:
  static void shell(const std::string& command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }
  // As `gzip` packs it, by standard input: it has no name in it.
  std::string packed(const std::string& name, const std::string& content) {
    const std::string path = folder.write(name + ".plain", content);
    shell("gzip < " + path + " > " + (folder / name));
    std::filesystem::remove(path);
    return folder / name;
  }
  std::string unpacked(const std::string& path) {
    shell("gzip -dc < " + path + " > " + (folder / "unpacked"));
    return operators::testing::read_file(folder / "unpacked");
  }
  std::string outcome(Object op) {
    const Moved moved = run(std::move(op));
    if (!moved.xcom().is_null()) return moved.xcom().is_string() ? moved.xcom().as_string() : to_json(moved.xcom());
    return moved.error().empty() ? "for good: " + moved.message("TaskState").get_string("error") : moved.error();
  }
  std::string to_json_lines(const std::string& path, const Object& more = {}) {
    Object op{{"task_type", "CsvToJsonLinesOperator"}, {"path", path}, {"output_path", folder / "out.jsonl"}};
    for (const auto& [key, value] : more) op.set(key, value);
    const std::string out = op.at("output_path").as_string(), done = outcome(std::move(op));
    if (done != out) return done.starts_with(path) ? done.substr(path.size()) : done;
    return out.ends_with(".gz") ? unpacked(out) : operators::testing::read_file(out);
  }
  bool only_these_are_there(const std::vector<std::string>& names) {
    std::vector<std::string> there;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) there.push_back(entry.path().filename());
    std::ranges::sort(there);
    return there == names;
  }
};

TEST_F(CompressionTest, ByTheEndingOrAsTold) {
  const std::string csv = "id,name\n1,Жук\n", lines = "{\"id\":\"1\",\"name\":\"Жук\"}\n";
  const std::string by_ending = packed("a.csv.gz", csv), by_word = packed("a.csv", csv);
  EXPECT_EQ(to_json_lines(by_ending), lines);
  EXPECT_EQ(to_json_lines(by_word, {{"source_compression", "gzip"}}), lines);
  EXPECT_EQ(to_json_lines(by_ending, {{"output_path", folder / "out.gz"}}), lines);
  EXPECT_EQ(to_json_lines(folder.write("plain.gz", csv), {{"source_compression", "none"}}), lines);
  EXPECT_EQ(to_json_lines(by_ending, {{"compression", "gzip"}}).substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(unpacked(folder / "out.jsonl"), lines);
  EXPECT_EQ(
      outcome({{"task_type", "JsonLinesToCsvOperator"}, {"path", folder / "out.gz"}, {"output_path", folder / "b.csv.gz"}}),
      folder / "b.csv.gz");
  EXPECT_EQ(unpacked(folder / "b.csv.gz"), csv);
  EXPECT_EQ(outcome({{"task_type", "ValidateJsonLinesOperator"},
                     {"path", folder / "out.gz"},
                     {"json_schema", Object{{"required", Array{"id"}}}}}),
            "1");
  // Compressed is what was encoded.
  EXPECT_EQ(to_json_lines(packed("c.gz", "id,name\n1,\xc6\xf3\xea\n"), {{"encoding", "cp1251"}, {"compression", "gzip"}})
                .substr(0, 2),
            "\x1f\x8b");
  EXPECT_EQ(unpacked(folder / "out.jsonl"), "{\"id\":\"1\",\"name\":\"\xc6\xf3\xea\"}\n");
}

TEST_F(CompressionTest, IntoAFileOfTheRunAndBack) {
  const Moved moved = run({{"task_type", "CsvToFileOperator"}, {"path", packed("a.csv.gz", "id\n1\n\n2\n")}});
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_EQ(RunFile::from_value(moved.xcom(), folder.path()).row_count, 2);
  EXPECT_EQ(outcome({{"task_type", "FileToCsvOperator"}, {"file", moved.xcom()}, {"output_path", folder / "b.gz"}}),
            folder / "b.gz");
  EXPECT_EQ(unpacked(folder / "b.gz"), "id\n1\n2\n");
}

TEST_F(CompressionTest, SeveralMembers) {
  const std::string two = packed("a.csv.gz", "id\n1\n");
  shell("printf '2\\n3\\n' | gzip >> " + two);
  EXPECT_EQ(to_json_lines(two), "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n");
}

TEST_F(CompressionTest, WhatIsWrong) {
  std::string csv = "id,name\n";
  for (int i = 0; i < 100'000; ++i) csv += std::to_string(i) + ",name" + std::to_string(i * 7919) + "\n";
  const std::string path = packed("a.csv.gz", csv);
  const auto size = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, size / 2);
  EXPECT_EQ(to_json_lines(path), ": the compressed file ends early, at byte " + std::to_string(size / 2));
  EXPECT_EQ(to_json_lines(folder.write("b.csv.gz", csv)), ": this is not in gzip's format, at byte 2");
  {
    const std::string damaged = packed("c.csv.gz", csv);
    std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(size - 8));  // the checksum: all rows look good until there
    file << "1234";
    file.close();
    EXPECT_EQ(to_json_lines(damaged),
              ": the compressed file is damaged (incorrect data check), at byte " + std::to_string(size - 4));
  }
  EXPECT_EQ(to_json_lines(packed("d.gz", "id\n1,2\n")),
            ", line 2: 2 fields, but the header has 1 (is a field with a delimiter in it not quoted?)");
  EXPECT_EQ(to_json_lines(path, {{"source_compression", "zip"}}),
            "for good: the argument source_compression must be infer, gzip or none, not 'zip'");
  EXPECT_THAT(to_json_lines(folder / "a.csv.zst"),
              HasSubstr("a.csv.zst is named as if it were compressed, and only gzip is there: set source_compression to none"));
  EXPECT_THAT(to_json_lines(path, {{"output_path", folder / "x.bz2"}}), HasSubstr("set compression to none where it is not"));
  EXPECT_TRUE(only_these_are_there({"a.csv.gz", "b.csv.gz", "c.csv.gz", "d.gz"}));
}

TEST_F(CompressionTest, SigtermStopsIt) {
  const std::string fifo = folder / "fifo.gz";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Running running = begin({{"task_type", "CsvToJsonLinesOperator"}, {"path", fifo}, {"output_path", folder / "out.gz"}});
  std::ofstream out(fifo);  // waits until it reads
  out << "\x1f\x8b" << std::flush;
  ::kill(running.pid, SIGTERM);
  const Moved moved = finish(std::move(running));
  EXPECT_TRUE(WIFSIGNALED(moved.status) && WTERMSIG(moved.status) == SIGTERM) << moved.status << moved.err;
  EXPECT_TRUE(only_these_are_there({"fifo.gz"}));
}

TEST_F(CompressionTest, WholeFiles) {
  const std::string a = folder.write("a.csv", "id\n1\n");
  const auto compress = [&](const char* type, const std::string& source, const Object& more = {}) {
    Object op{{"task_type", type}, {"source", source}};
    for (const auto& [key, value] : more) op.set(key, value);
    return outcome(std::move(op));
  };
  EXPECT_EQ(compress("CompressFileOperator", a), a + ".gz");
  EXPECT_EQ(unpacked(a + ".gz"), "id\n1\n");
  EXPECT_TRUE(std::filesystem::exists(a));
  EXPECT_EQ(compress("CompressFileOperator", a, {{"overwrite", false}}), a + ".gz is there already, and overwrite is false");
  EXPECT_EQ(compress("CompressFileOperator", a, {{"level", 0}}), "for good: the argument level must be from 1 to 9");
  EXPECT_EQ(compress("CompressFileOperator", a, {{"compression", "zip"}}),
            "for good: the argument compression must be gzip, not 'zip'");
  std::filesystem::remove(a);
  EXPECT_EQ(compress("DecompressFileOperator", a + ".gz"), a);
  EXPECT_EQ(operators::testing::read_file(a), "id\n1\n");
  EXPECT_EQ(compress("DecompressFileOperator", a), "for good: " + a + " does not end with .gz: give destination");
  EXPECT_EQ(compress("DecompressFileOperator", a, {{"destination", folder / "b"}}),
            a + ": this is not in gzip's format, at byte 2");
  EXPECT_THAT(compress("DecompressFileOperator", folder / "no.gz"),
              EndsWith("no.gz cannot be read: No such file or directory"));
  EXPECT_FALSE(std::filesystem::exists(folder / "b"));
}

TEST_F(CompressionTest, ManyRowsInConstantMemory) {
  const std::string large = folder / "large.csv.gz";
  shell("seq -f '%.0f,ok,2026-01-01 00:00:00' 300000 | gzip > " + large);
  const Moved moved = run({{"task_type", "CsvToJsonLinesOperator"},
                           {"path", large},
                           {"header", false},
                           {"columns", Array{Object{{"name", "id"}}, Object{{"name", "status"}}, Object{{"name", "at"}}}},
                           {"output_path", folder / "out.gz"}});
  ASSERT_THAT(moved.error(), IsEmpty());
  EXPECT_THAT(moved.log, HasSubstr("wrote 300000 rows"));
  if (!sanitized) EXPECT_LT(moved.peak_kib, 32 * 1024);
}

}  // namespace
}  // namespace venturi::providers::testing
