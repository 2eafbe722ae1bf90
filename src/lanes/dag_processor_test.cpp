#include "lanes/dag_processor.h"

#include "lanes/testing/processor_fixture.h"

namespace venturi::lanes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::UnorderedElementsAre;

class DagProcessorTest : public ProcessorTest {
 protected:
  static void make_alien(const std::string& program) {
    std::fstream file(program, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(18);  // e_machine
    file.put(8);     // MIPS
  }
};

TEST_F(DagProcessorTest, TakesACompiledProgramAsItIs) {
  put_program("team/orders", "dag=orders:extract,load");
  start_and_scan();
  ASSERT_THAT(errors, IsEmpty());
  ASSERT_TRUE(dags.contains("orders"));
  const Dag& dag = *dags["orders"];
  EXPECT_EQ(dag.bundle, "dags-folder");
  EXPECT_EQ(dag.relative_fileloc, "team/orders");
  EXPECT_EQ(dag.fileloc, in_dags("team/orders"));
  EXPECT_EQ(dag.tasks.size(), 2U);
  EXPECT_THAT(dag.version_id, MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_THAT(dag.program, testing::StartsWith(options.cache + "/programs/"));
  EXPECT_TRUE(dag.program.ends_with("/orders"));
  EXPECT_EQ(::access(dag.program.c_str(), X_OK), 0);
  EXPECT_THAT(log, ElementsAre("dag orders", "ok team/orders"));
  EXPECT_THAT(processor->dag_ids(), ElementsAre("orders"));
}

TEST_F(DagProcessorTest, LeavesOtherFilesAlone) {
  write_text(in_dags("README.md"), "x");
  write_text(in_dags("script.sh"), "#!/bin/sh\n");
  ::chmod(in_dags("script.sh").c_str(), 0755);
  write_text(in_dags("other.cpp"), "int f() { return 1; }");
  put_program("libthings.so", "mode=crash");
  put_program("no_bit", "mode=crash");
  ::chmod(in_dags("no_bit").c_str(), 0644);
  start_and_scan();
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(DagProcessorTest, WaitsForTheEndOfAProgramThatIsBeingCopied) {
  put_program("whole", "dag=a");
  const auto size = std::filesystem::file_size(in_dags("whole"));
  std::filesystem::rename(in_dags("whole"), folder.path + "/whole");
  std::filesystem::copy_file(folder.path + "/whole", in_dags("part"));
  std::filesystem::resize_file(in_dags("part"), size / 2);
  start_and_scan();
  EXPECT_THAT(log, IsEmpty());
  std::filesystem::copy_file(folder.path + "/whole", in_dags("part"), std::filesystem::copy_options::overwrite_existing);
  wait_for_dag("a");
  EXPECT_THAT(errors, IsEmpty());
}

TEST_F(DagProcessorTest, SeesNewChangedAndRemovedPrograms) {
  put_program("one", "dag=a\ndag=b");
  start_and_scan();
  put_program("two", "dag=c");
  wait_for_dag("c");
  const std::string version = dags["a"]->version_id, program = dags["a"]->program;
  put_program("one", "dag=a:x,y");
  run_until([&] { return !dags.contains("b"); }, "DAG b was gone");
  EXPECT_NE(dags["a"]->version_id, version);
  EXPECT_NE(dags["a"]->program, program);
  EXPECT_EQ(::access(program.c_str(), X_OK), 0);  // for runs that began with it
  std::filesystem::remove(in_dags("one"));
  run_until([&] { return !dags.contains("a"); }, "DAG a was gone");
  EXPECT_THAT(processor->dag_ids(), ElementsAre("c"));
}

TEST_F(DagProcessorTest, MakesANewVersionForANewProgramOfTheSameDag) {
  put_program("one", "dag=a");
  start_and_scan();
  const std::string version = dags["a"]->version_id;
  put_program("one", "dag=a\n#=built anew");
  run_until([&] { return told["a"] == 2; }, "there was another version");
  EXPECT_NE(dags["a"]->version_id, version);
}

TEST_F(DagProcessorTest, TellsNothingWhenAFileIsWrittenWithTheSameContent) {
  put_program("one", "dag=a");
  start_and_scan();
  log.clear();
  put_program("one", "dag=a");
  put_program("two", "dag=b");
  wait_for_dag("b");
  run_for(std::chrono::milliseconds(50));
  EXPECT_THAT(log, ElementsAre("dag b", "ok two"));
}

struct BadProgram {
  const char* mode;
  std::vector<const char*> said;
};

TEST_F(DagProcessorTest, TellsWhatABadProgramDidAndGoesOn) {
  const BadProgram bad[] = {
      {"crash", {"crashed", "signal 6 (Aborted)", "debugger", "cry of crash"}},
      {"exit", {"exit code 7", "did not tell its DAGs", ".airflowignore", "cry of exit"}},
      {"hang", {"hangs", "within 400 ms", "main()", "cry of hang"}},
      {"stdout", {"exit code 0", "Hello, I am no DAG program"}},
      {"rubbish", {"rubbish", ".airflowignore", "cry of rubbish"}},
      {"oversize", {"rubbish"}},
      {"half", {"in the middle of a message"}},
      {"variable", {"exit code 9", "PERMISSION_DENIED", "ask in a task"}},
  };
  options.cpp.describe_timeout = std::chrono::milliseconds(400);
  put_program("good", "dag=good");
  for (const BadProgram& b : bad) put_program(b.mode, std::string("mode=") + b.mode + "\nprint=cry of " + b.mode);
  start_and_scan();
  EXPECT_TRUE(dags.contains("good"));
  EXPECT_EQ(dags.size(), 1U);
  for (const BadProgram& b : bad) {
    for (const char* part : b.said) EXPECT_THAT(errors[b.mode], HasSubstr(part)) << b.mode;
  }
  EXPECT_EQ(processor->failing_files().size(), std::size(bad));
}

TEST_F(DagProcessorTest, TellsOfAProgramThatCannotBeStarted) {
  put_program("alien", "dag=a");
  make_alien(in_dags("alien"));
  start_and_scan();
  EXPECT_THAT(errors["alien"], HasSubstr("cannot be started: Exec format error"));
}

TEST_F(DagProcessorTest, TakesTheAnswerOfAProgramThatEndsBadlyAfterIt) {
  put_program("crash", "dag=a\nmode=crash_after");
  put_program("grandchild", "dag=b\nmode=grandchild");
  start_and_scan();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(dags.size(), 2U);
}

TEST_F(DagProcessorTest, EndsAProgramThatStaysAfterItsAnswer) {
  put_program("stay", "dag=a\nmode=stay");
  start_and_scan();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_TRUE(dags.contains("a"));
}

TEST_F(DagProcessorTest, GivesProgramsACleanEnvironment) {
  ::setenv("VENTURI__DATABASE__URL", "x", 1);
  ::setenv("AIRFLOW_CONN_TEST_DB", "x", 1);
  put_program("look", "mode=surroundings");
  start_and_scan();
  ::unsetenv("VENTURI__DATABASE__URL");
  ::unsetenv("AIRFLOW_CONN_TEST_DB");
  EXPECT_THAT(errors["look"], MatchesRegex("([^ ]*: )?((PATH|HOME|LANG|TZ|USER) )*\\| fds 0 1 2 \\| core 0 memory 1073741824 "
                                           "\\| own group \\| .*/dags"));
}

TEST_F(DagProcessorTest, ServesTheLastGoodProgramOn) {
  put_program("one", "dag=a");
  start_and_scan();
  const std::string program = dags["a"]->program;
  put_program("one", "mode=crash");
  wait_for_error("one");
  EXPECT_EQ(dags["a"]->program, program);
  processor->keep_only({});
  EXPECT_EQ(::access(program.c_str(), X_OK), 0);

  // Also after a restart.
  forget_told();
  start_and_scan();
  EXPECT_THAT(errors["one"], HasSubstr("crashed"));
  ASSERT_TRUE(dags.contains("a"));
  EXPECT_EQ(dags["a"]->program, program);

  put_program("one", "dag=a:x,y");
  run_until([&] { return errors.empty(); }, "the error was gone");
  EXPECT_NE(dags["a"]->program, program);
}

TEST_F(DagProcessorTest, KeepsOldDagsOfAFileThatIsNotWhole) {
  put_program("one", "dag=a\ndag=b");
  start_and_scan();
  const std::string version_of_a = dags["a"]->version_id, version_of_b = dags["b"]->version_id;
  put_program("one", "dag=a:x,y\nimport_error=no b today");
  wait_for_error("one");
  EXPECT_THAT(errors["one"], HasSubstr("no b today"));
  EXPECT_NE(dags["a"]->version_id, version_of_a);
  EXPECT_EQ(dags["b"]->version_id, version_of_b);
  const std::string old_program = dags["b"]->program;
  processor->keep_only({});
  EXPECT_EQ(::access(old_program.c_str(), X_OK), 0);
}

TEST_F(DagProcessorTest, RefusesADagThatAnotherFileHas) {
  put_program("one", "dag=a");
  start_and_scan();
  put_program("copy/two", "dag=a\ndag=b");
  wait_for_error("copy/two");
  EXPECT_THAT(errors["copy/two"], HasSubstr("dag_id a is declared in two files, one and copy/two"));
  EXPECT_EQ(dags["a"]->relative_fileloc, "one");
  EXPECT_TRUE(dags.contains("b"));

  // Who had it keeps it over a restart, whichever is ready first.
  put_program("one", "dag=a\n#=changed, so that it is described after the other");
  run_until([&] { return told["a"] == 2; }, "the change was seen");
  stop();
  forget_told();
  std::filesystem::remove(options.cache + "/files.json");
  start_and_scan();
  EXPECT_EQ(dags["a"]->relative_fileloc, "one");
  EXPECT_TRUE(errors.contains("copy/two"));

  std::filesystem::remove(in_dags("one"));
  run_until([&] { return dags.contains("a") && dags["a"]->relative_fileloc == "copy/two"; }, "the other file had it");
  EXPECT_THAT(errors, IsEmpty());
}

TEST_F(DagProcessorTest, RefusesADagThatIsDeclaredTwice) {
  put_program("one", "dag=a\ndag=a");
  start_and_scan();
  EXPECT_THAT(errors["one"], HasSubstr("dag_id a is declared twice"));
}

TEST_F(DagProcessorTest, TellsOfADagThatTheModelRefuses) {
  put_program("one", "dag=good\ndag=bad:x,x");
  start_and_scan();
  EXPECT_TRUE(dags.contains("good"));
  EXPECT_FALSE(dags.contains("bad"));
  EXPECT_THAT(errors["one"], HasSubstr("x"));
}

TEST_F(DagProcessorTest, FollowsARenamedFileAtOnce) {
  put_program("one", "dag=a");
  start_and_scan();
  log.clear();
  std::filesystem::rename(in_dags("one"), in_dags("two"));
  run_until([&] { return dags.contains("a") && dags["a"]->relative_fileloc == "two"; }, "the new name had it");
  EXPECT_THAT(log, Not(testing::Contains("error two")));
}

TEST_F(DagProcessorTest, KeepsDagsWhileABuildRemovesAndWritesTheProgram) {
  put_program("one", "dag=a");
  start_and_scan();
  log.clear();
  std::filesystem::remove(in_dags("one"));
  run_for(std::chrono::milliseconds(200));
  put_program("one", "dag=a:x");
  run_until([&] { return told["a"] == 2; }, "the new version was seen");
  EXPECT_THAT(log, Not(testing::Contains("gone a")));
}

TEST_F(DagProcessorTest, ExecutesNothingAtARestartWithUnchangedFiles) {
  for (int i = 0; i < 20; ++i) put_program("dag" + std::to_string(i), "dag=d" + std::to_string(i));
  run_for(std::chrono::milliseconds(150));  // the index trusts no file that was written just before it was read
  start_and_scan();
  const auto versions = [&] {
    std::vector<std::string> list;
    for (const auto& [id, dag] : dags) list.push_back(dag->version_id + dag->program);
    return list;
  };
  const auto before = versions();
  ASSERT_EQ(before.size(), 20U);
  stop();
  forget_told();
  // Programs that can no longer be executed show that none is.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(options.cache + "/programs")) {
    if (entry.is_regular_file() && entry.path().extension() != ".json") make_alien(entry.path().string());
  }
  options.cpp.describe_timeout = std::chrono::milliseconds(1);
  start_and_scan();
  EXPECT_THAT(errors, IsEmpty());
  EXPECT_EQ(versions(), before);
}

TEST_F(DagProcessorTest, MakesAStoredProgramAgainThatIsDamaged) {
  put_program("one", "dag=a");
  run_for(std::chrono::milliseconds(150));
  start_and_scan();
  stop();
  const std::string program = dags["a"]->program;
  const auto size = std::filesystem::file_size(program);
  std::filesystem::resize_file(program, 0);
  forget_told();
  start_and_scan();
  ASSERT_TRUE(dags.contains("a"));
  EXPECT_EQ(std::filesystem::file_size(program), size);
}

TEST_F(DagProcessorTest, LetsADagGoWhoseFileStoppedBeingAProgram) {
  put_program("one", "dag=a");
  start_and_scan();
  stop();
  forget_told();
  ::chmod(in_dags("one").c_str(), 0644);
  put_program("two", "dag=a");
  start_and_scan();
  run_until([&] { return dags.contains("a"); }, "the other file had it");
  EXPECT_EQ(dags["a"]->relative_fileloc, "two");
  EXPECT_THAT(errors, IsEmpty());
}

TEST_F(DagProcessorTest, ForgetsProgramsThatNobodyUses) {
  put_program("one", "dag=a");
  start_and_scan();
  const std::string first = dags["a"]->program;
  put_program("one", "dag=a:x");
  run_until([&] { return told["a"] == 2; }, "the second version was seen");
  const std::string second = dags["a"]->program;
  put_program("one", "dag=a:x,y");
  run_until([&] { return told["a"] == 3; }, "the third version was seen");
  processor->keep_only({first});
  EXPECT_EQ(::access(first.c_str(), X_OK), 0);
  EXPECT_NE(::access(second.c_str(), F_OK), 0);
  EXPECT_EQ(::access(dags["a"]->program.c_str(), X_OK), 0);
}

TEST_F(DagProcessorTest, KeepsAProgramThatIsOverwrittenInPlace) {
  put_program("one", "dag=a");
  start_and_scan();
  const std::string program = dags["a"]->program;
  const auto size = std::filesystem::file_size(program);
  std::ofstream(in_dags("one"), std::ios::binary | std::ios::in | std::ios::out) << "damaged";
  run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(std::filesystem::file_size(program), size);
  std::ifstream copy(program, std::ios::binary);
  char magic[4] = {};
  copy.read(magic, 4);
  EXPECT_EQ(std::string(magic, 4),
            "\x7f"
            "ELF");
}

TEST_F(DagProcessorTest, TellsAScanOfAnEmptyFolder) {
  start_and_scan();
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(DagProcessorTest, TellsWhyItCannotStart) {
  write_text(folder.path + "/file", "x");
  options.dags_folder = folder.path + "/file/dags";
  processor = std::make_unique<DagProcessor>(loop, options, DagProcessorCallbacks{});
  const auto started = processor->start();
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().text(), HasSubstr("/file"));
}

}  // namespace
}  // namespace venturi::lanes
