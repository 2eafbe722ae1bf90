// Files with templates: where they are looked for, what names them, and what is told where they cannot be had.
#include "operators/template_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "operators/outcome.h"
#include "operators/templates.h"
#include "operators/testing/fake_worker.h"

namespace venturi::operators {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::Folder;
using ::testing::HasSubstr;
using ::testing::Not;

class TemplateFilesTest : public ::testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) {
    const std::filesystem::path path(folder_ / name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  // What the argument `sql` is after it was rendered; the requests that were answered on the way are in asked_.
  Value rendered(Value sql) { return rendered(templated({"sql", ArgumentType::any}), std::move(sql)); }
  Value rendered(Argument argument, Value sql) {
    const std::vector<Argument> declared{std::move(argument)};
    const std::vector<std::string_view> extensions{".sql", ".json"};
    Arguments arguments(declared, Object{{"sql", std::move(sql)}});
    const Value op = Object{{"_template_context", Object{{"dag", dag_}, {"params", Object{}}}}};
    const auto details = TemplateDetails::of(testing::startup_details("load", false), op);
    TemplatedArguments templates(declared, extensions, op, *details, arguments);
    asked_.clear();
    while (const auto wanted = templates.render()) {
      asked_.push_back(wanted->get_string("template_file"));
      templates.answer(*wanted, read_template_file(*wanted));
    }
    return templates.rendered().at("sql");
  }
  std::string error(const Value& sql) {
    try {
      return "no error, but " + to_json(rendered(sql));
    } catch (const TaskFailed& e) {
      return e.what();
    }
  }

  Folder folder_;
  Value dag_ = Object{{"dag_id", "d"}, {"fileloc", folder_ / "dags/d.cpp"}};
  std::vector<std::string> asked_;
};

TEST_F(TemplateFilesTest, ATextThatEndsAsAFileNameIsReadAndRendered) {
  write("dags/sql/load.sql", "SELECT {{ 1 + 1 }}\n");
  EXPECT_EQ(rendered("sql/load.sql"), Value("SELECT 2"));  // Jinja takes the last line's end away
  EXPECT_EQ(rendered("./sql//load.sql"), Value("SELECT 2"));
  EXPECT_EQ(rendered("/sql/load.sql"), Value("SELECT 2"));
  EXPECT_THAT(asked_, ElementsAre("sql/load.sql"));
  EXPECT_EQ(rendered("sql/load.sql "), Value("sql/load.sql "));
  EXPECT_EQ(rendered("sql/load.SQL"), Value("sql/load.SQL"));
  EXPECT_THAT(asked_, ElementsAre());
}

TEST_F(TemplateFilesTest, SoAreThoseInListsAndInTheValuesOfDicts) {
  write("dags/a.sql", "A {{ ti.task_id }}");
  write("dags/b.json", "{}");
  EXPECT_EQ(rendered(Array{"a.sql", Object{{"a.sql", "b.json"}}, 5}), Value(Array{"A load", Object{{"a.sql", "{}"}}, 5}));
  EXPECT_EQ(rendered(Array{"a.sql", "a.sql"}), Value(Array{"A load", "A load"}));
  EXPECT_THAT(asked_, ElementsAre("a.sql"));  // once
}

TEST_F(TemplateFilesTest, APathOfTheOperatorsOwnIsNoTemplate) {
  write("dags/a.sql", "A");
  EXPECT_EQ(rendered(templated_path({"sql", ArgumentType::any}), "a.sql"), Value("a.sql"));
}

TEST_F(TemplateFilesTest, FoldersAreTriedInTheirOrder) {
  write("dags/own.sql", "own");
  write("dags/more/own.sql", "more");
  write("dags/more/more.sql", "more");
  write("far/far.sql", "far");
  std::filesystem::create_directory(folder_ / "dags/far.sql");  // no file
  EXPECT_THAT(error("far.sql"), HasSubstr("there is no such file in " + folder_ / "dags. "));
  dag_.as_object().set("template_searchpath", Array{"more", folder_ / "far"});
  EXPECT_EQ(rendered(Array{"own.sql", "more.sql", "far.sql"}), Value(Array{"own", "more", "far"}));
}

TEST_F(TemplateFilesTest, FilesIncludeImportAndExtendOthers) {
  write("dags/base.sql", "SELECT {% block columns %}*{% endblock %} FROM t{% include 'sql/where.txt' %}");
  write("dags/sql/where.txt", " WHERE d = '{{ ds }}'");
  write("dags/macros.txt", "{% macro list(names) %}{{ names | join(', ') }}{% endmacro %}");
  write("dags/load.sql",
        "{% extends 'base.sql' %}{% import 'macros.txt' as m %}{% block columns %}{{ m.list(['a', 'b']) }}{% endblock %}");
  EXPECT_EQ(rendered("load.sql"), Value("SELECT a, b FROM t WHERE d = '2026-01-02'"));
}

TEST_F(TemplateFilesTest, ATemplateThatIsNoFileIncludesFilesToo) {
  write("dags/where.txt", "WHERE d = '{{ ds }}'");
  EXPECT_EQ(rendered("SELECT 1 {% include 'where.txt' %}"), Value("SELECT 1 WHERE d = '2026-01-02'"));
  EXPECT_EQ(rendered("{% include ['none.txt', 'where.txt'] %}"), Value("WHERE d = '2026-01-02'"));
  EXPECT_EQ(rendered("{% include 'none.txt' ignore missing %}x"), Value("x"));
  EXPECT_THAT(error("{% include 'none.txt' %}"), AllOf(HasSubstr("TemplateNotFound: none.txt"),
                                                       HasSubstr("template of sql, line 1"), HasSubstr(folder_ / "dags")));
}

TEST_F(TemplateFilesTest, AFileThatIsNotThereIsToldWithItsFoldersAndAHint) {
  dag_.as_object().set("template_searchpath", Array{"/etc/sql"});
  EXPECT_EQ(error("load.sql"), "TemplateNotFound: load.sql: there is no such file in " + folder_ / "dags" +
                                   ", nor in /etc/sql. What ends with .sql in sql names a file with the template: put a blank "
                                   "behind it if it shall be taken as it is");
  EXPECT_THAT(error("{{ ds }}.sql"), HasSubstr("a file's name is no template itself"));
  EXPECT_THAT(error("/load.sql"), HasSubstr("also with a slash at the begin"));
}

TEST_F(TemplateFilesTest, NoNameLeadsOutOfTheFolders) {
  write("secret.sql", "hush");
  EXPECT_THAT(error("../secret.sql"), AllOf(HasSubstr("'..'"), Not(HasSubstr("hush"))));
  EXPECT_THAT(error("sql/../../secret.sql"), HasSubstr("'..'"));
  EXPECT_THAT(error("{% include '../secret.sql' %}"), HasSubstr("TemplateNotFound: ../secret.sql"));
  EXPECT_THAT(error(folder_ / "secret.sql"), HasSubstr("there is no such file"));
  EXPECT_THAT(error("SELECT 1 {# #} .sql"), HasSubstr("there is no such file"));
  EXPECT_THAT(error(std::string("a\0.sql", 6)), HasSubstr("TemplateNotFound"));
}

TEST_F(TemplateFilesTest, ErrorsOfAFilesTemplateNameItAndItsLine) {
  write("dags/load.sql", "SELECT\n{{ execution_date }}");
  EXPECT_THAT(error("load.sql"),
              AllOf(HasSubstr("UndefinedError: 'execution_date' is undefined"), HasSubstr("load.sql, line 2")));
}

TEST_F(TemplateFilesTest, WhatCannotBeReadIsTold) {
  write("dags/latin.sql", "SELECT 1\n'\xe9'");
  EXPECT_THAT(error("latin.sql"), HasSubstr("dags/latin.sql is no UTF-8: byte 10, in line 2"));
  write("dags/short.sql", "\xe2\x82");
  EXPECT_THAT(error("short.sql"), HasSubstr("is no UTF-8: byte 0"));
  write("dags/good.sql", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(rendered("good.sql"), Value("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  write("dags/large.sql", std::string(most_template_bytes, 'x'));
  EXPECT_EQ(rendered("large.sql").as_string().size(), most_template_bytes);
  write("dags/large.sql", std::string(most_template_bytes + 1, 'x'));
  EXPECT_THAT(error("large.sql"), HasSubstr("has more than the 4 MiB that a template may have"));
}

TEST_F(TemplateFilesTest, WithoutTheDagsFolderThereIsNone) {
  dag_ = Object{{"dag_id", "d"}};
  EXPECT_THAT(error("load.sql"), HasSubstr("the folder of its DAG is not known"));
}

}  // namespace
}  // namespace venturi::operators
