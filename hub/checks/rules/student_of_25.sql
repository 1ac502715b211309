/*
id         = "D04"
title      = "Listed as a student at an age to be looked at (大龄在校学生)"
subject    = "person"
severity   = "low"
concerns   = "source"
basis      = ["政务数据共享条例 第二十一条", "湖南省参保全覆盖核查口径：在校学生年满25周岁的列为疑点"]
needs      = ["public_security/population"]
consults   = ["education/student"]
parameters = ["student_age_max"]

[explanation]
zh = "来源部门列为在校学生，但已达到核查年龄。可能是研究生，也可能是毕业后未更新。请来源部门核对学籍；核实前仍按学生对待。"
en = "Listed as a student at an age from which the list may be out of date. It may be a postgraduate. The source checks the enrollment with the school; until then the person counts as a student."

[[example]]
why    = "on the very birthday, and one who has left school"
today  = 2026-11-21
person = [{ person = "Wang", birth_on = 2001-10-31 }, { person = "Left", birth_on = 1990-01-01 }]
life_event = [
  { person = "Wang", kind = "studying", happened_on = 2020-09-01, state = "in_school" },
  { person = "Left", kind = "studying", happened_on = 2010-09-01, state = "left" },
]
finds  = ["Wang/"]

[[example]]
why    = "the birthday comes on the day until which the deliveries do not speak; or the studies have ended"
today  = 2026-11-21
person = [{ person = "Young", birth_on = 2001-11-02 }, { person = "Done", birth_on = 1990-01-01 }]
life_event = [
  { person = "Young", kind = "studying", happened_on = 2020-09-01 },
  { person = "Done", kind = "studying", happened_on = 2010-09-01, ends_on = 2014-07-01 },
]
finds  = []

[[example]]
why    = "nobody says when the student was born"
today  = 2026-11-21
person = [{ person = "Foreign" }]
life_event = [{ person = "Foreign", kind = "studying", happened_on = 2020-09-01 }]
finds   = []
unknown = ["Foreign/"]
*/
select studying.person_key as subject_key,
       studying.person_key,
       studying.matter,
       case when person.birth_on is null then 'UNKNOWN' else 'FOUND' end as verdict,
       case when person.birth_on is null then 'nobody says when the person was born' end as unknown_because,
       studying.life_event
from (
    select life_event.person_key, coalesce(delivery.name, '') as matter, array_agg(life_event) as life_event
    from life_event
    left join delivery on delivery.id = life_event.delivery_id
    where life_event.kind = 'studying' and coalesce(life_event.state, 'in_school') = 'in_school'
      and life_event.happened_on < :data_until and life_event.ends_on >= :data_until
    group by life_event.person_key, delivery.name
) as studying
left join person on person.person_key = studying.person_key
where person.birth_on is null or person.birth_on + make_interval(years => :student_age_max) <= :data_until;
