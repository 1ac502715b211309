/*
title      = "Residents of working age in a pension insurance (基本养老保险参保率)"
unit       = "%"
numerator   = { zh = "参加基本养老保险或已领取养老待遇的人数", counts = "persons" }
denominator = { zh = "应参保常住户籍人数（劳动年龄，扣除在校、服刑、入伍、死亡、迁出等）", counts = "persons" }
insurances = ["", "employee_pension", "organ_pension", "resident_pension"]
basis      = ["山东省全面实施全民参保计划工作方案(2018) 一(二)", "乌海政发〔2020〕17号 三", "荣政办发〔2024〕3号 措施3"]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "education/student",
  "justice/sentence", "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
]
parameters = ["working_age_from", "working_age_until"]

[explanation]
zh = "月末劳动年龄户籍人口中，在任一基本养老保险有参保关系（含暂停缴费）或已领取养老待遇的比例；分险种的分母相同。死亡、迁出、注销、入伍、出境、服刑、在校人员不计入分母。出生日期不明的不计。"
en = "Of the residents of working age at the end of the month, those with a spell in a pension insurance (also a suspended one) or drawing a pension. The dead, moved away, enlisted, abroad, imprisoned and students do not count; nor does anyone whose birth date is not known."

[[example]]
why     = "one enrolled, one drawing, one in nothing; a student, a child and somebody of sixty do not count"
today   = 2026-10-31
period  = 2026-10-01
person  = [
  { person = "Enrolled", birth_on = 1990-01-01, area = "371082100" },
  { person = "Drawing", birth_on = 1968-01-01, area = "371082100" },
  { person = "In nothing", birth_on = 1990-01-01, area = "371082100" },
  { person = "Nowhere", birth_on = 1990-01-01 },
  { person = "Student", birth_on = 2006-01-01, area = "371082100" },
  { person = "Child", birth_on = 2010-11-01, area = "371082100" },
  { person = "Sixty", birth_on = 1966-10-31, area = "371082100" },
  { person = "Moved out", birth_on = 1990-01-01, area = "371082100", status = "moved_out" },
]
life_event = [{ person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 }]
enrollment = [{ person = "Enrolled", employer = "Shop", starts_on = 2015-01-01, state = "suspended" }]
benefit    = [{ person = "Drawing", starts_on = 2025-01-01 }]
gives   = [
  { area = "371082100", numerator = 2, denominator = 3 },
  { area = "371082100", insurance = "employee_pension", numerator = 1, denominator = 3 },
  { area = "371082100", insurance = "organ_pension", numerator = 0, denominator = 3 },
  { area = "371082100", insurance = "resident_pension", numerator = 0, denominator = 3 },
  { numerator = 0, denominator = 1 },
  { insurance = "employee_pension", numerator = 0, denominator = 1 },
  { insurance = "organ_pension", numerator = 0, denominator = 1 },
  { insurance = "resident_pension", numerator = 0, denominator = 1 },
]

[[example]]
why     = "a spell that is over, or begins next month, is none"
today   = 2026-10-31
period  = 2026-10-01
person  = [
  { person = "Over", birth_on = 1990-01-01, area = "371082100" },
  { person = "To come", birth_on = 1990-01-01, area = "371082100" },
]
enrollment = [
  { person = "Over", insurance = "resident_pension", starts_on = 2015-01-01, ends_on = 2026-10-31, state = "ended" },
  { person = "To come", insurance = "resident_pension", starts_on = 2026-11-01 },
]
gives   = [
  { area = "371082100", numerator = 0, denominator = 2 },
  { area = "371082100", insurance = "employee_pension", numerator = 0, denominator = 2 },
  { area = "371082100", insurance = "organ_pension", numerator = 0, denominator = 2 },
  { area = "371082100", insurance = "resident_pension", numerator = 0, denominator = 2 },
]
*/
select counted.area, asked.insurance,
       count(*) filter (where case asked.insurance
           when '' then counted.employee or counted.organ or counted.resident or counted.draws
           when 'employee_pension' then counted.employee
           when 'organ_pension' then counted.organ
           else counted.resident end) as numerator,
       count(*) as denominator
from (
    select person.person_key, person.area,
           coalesce(spell.employee, false) as employee,
           coalesce(spell.organ, false) as organ,
           coalesce(spell.resident, false) as resident,
           pensioner.person_key is not null as draws
    from person
    left join (
        select person_key,
               bool_or(insurance = 'employee_pension') as employee,
               bool_or(insurance = 'organ_pension') as organ,
               bool_or(insurance = 'resident_pension') as resident
        from pension_spell
        where starts_on < :data_until and ends_on >= :data_until
        group by person_key
    ) as spell on spell.person_key = person.person_key
    left join pensioner on pensioner.person_key = person.person_key
    left join (
        select distinct person_key from absence
        where starts_on < :data_until and ends_on >= :data_until and lasting
    ) as absent on absent.person_key = person.person_key
    where person.status = 'normal'
      and absent.person_key is null
      and person.birth_on < :data_until - make_interval(years => :working_age_from)
      and person.birth_on >= :data_until - make_interval(years => :working_age_until)
) as counted
cross join (values (''), ('employee_pension'), ('organ_pension'), ('resident_pension')) as asked (insurance)
group by counted.area, asked.insurance
