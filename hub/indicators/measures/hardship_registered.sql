/*
title      = "In hardship and registered in a pension insurance (困难群体参保登记率)"
unit       = "%"
numerator   = { zh = "困难群体中参加任一基本养老保险或领取养老待遇的人数", counts = "persons" }
denominator = { zh = "应由政府代缴保费的困难群体人数（年满16周岁，在校学生除外）", counts = "persons" }
group      = "hardship"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(二)3", "荣政办发〔2024〕3号 措施1", "乌海政发〔2020〕17号 四(一)4"]
needs      = [
  "civil_affairs/low_income", "civil_affairs/destitute", "disabled_persons_federation/certificate",
  "agriculture/poverty_relief", "public_security/population", "public_security/change", "civil_affairs/cremation",
  "education/student", "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
]
parameters = ["hardship_kinds", "resident_pension_age_from"]

[explanation]
zh = "“三个100%”之一：本地规定由政府代缴保费的困难人员（低保、特困、重残等）年满16周岁的，月末有任一基本养老保险参保关系或领取养老待遇的比例。"
en = "The first of the three 100 percents: of the people for whom the government pays the premium (as the region says), 16 or older and no students, the share in a pension insurance or drawing a pension at the end of the month."

[[example]]
why     = "enrolled, drawing, in nothing; a child and a slight disability do not count"
today   = 2026-10-31
period  = 2026-10-01
person  = [
  { person = "Enrolled", birth_on = 1980-01-01, area = "371082100" },
  { person = "Drawing", birth_on = 1950-01-01, area = "371082100" },
  { person = "In nothing", birth_on = 1980-01-01 },
  { person = "Child", birth_on = 2012-01-01, area = "371082100" },
  { person = "Slightly disabled", birth_on = 1980-01-01, area = "371082100" },
]
assistance = [
  { person = "Enrolled" }, { person = "Drawing", kind = "destitute" }, { person = "In nothing", area = "371082101" },
  { person = "Child" }, { person = "Slightly disabled", kind = "disability", level = "3" },
]
enrollment = [{ person = "Enrolled", insurance = "resident_pension", starts_on = 2015-01-01 }]
benefit = [{ person = "Drawing", kind = "resident_pension", starts_on = 2015-01-01 }]
gives   = [
  { area = "371082100", numerator = 2, denominator = 2 },
  { area = "371082101", numerator = 0, denominator = 1 },
]
*/
select needy.area,
       count(*) filter (where insured.person_key is not null or pensioner.person_key is not null) as numerator,
       count(*) as denominator
from (
    select helped.person_key, coalesce(person.area, helped.area) as area
    from (
        select hardship.person_key, min(hardship.area) as area
        from hardship
        join (select jsonb_array_elements_text(:hardship_kinds) as kind) as paid_for on paid_for.kind = hardship.kind
        where hardship.starts_on < :data_until and hardship.ends_on >= :data_until
        group by hardship.person_key
    ) as helped
    join person on person.person_key = helped.person_key
    left join (
        select distinct person_key from absence
        where starts_on < :data_until and ends_on >= :data_until and lasting
    ) as absent on absent.person_key = helped.person_key
    where person.status in ('normal', 'introduced') and absent.person_key is null
      and person.birth_on < :data_until - make_interval(years => :resident_pension_age_from)
) as needy
left join (
    select distinct person_key from pension_spell where starts_on < :data_until and ends_on >= :data_until
) as insured on insured.person_key = needy.person_key
left join pensioner on pensioner.person_key = needy.person_key
group by needy.area
