"""Tells the academy's permissions who judges about courses."""

from academy.accounts.permissions import declare
from learning.courses.models import Course
from learning.rights.selectors import judge_course, judge_making
from learning.rights.table import COURSE_ACTIONS

declare(["course.see", "course.enrol", *COURSE_ACTIONS], judge_course, of=Course)
declare(["course.create"], judge_making, of=None)
