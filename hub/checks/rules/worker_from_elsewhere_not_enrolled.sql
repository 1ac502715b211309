/*
id         = "P17"
title      = "Paid wages here, registered elsewhere, insured nowhere known (外来务工人员未参保)"
subject    = "person"
severity   = "medium"
basis      = ["乌海政发〔2020〕17号 四(二)1", "社会保险法 第十条、第五十八条"]
needs      = [
  "tax/payroll", "human_resources/insured_elsewhere", "human_resources/enrollment", "human_resources/contribution",
  "human_resources/resident_pension", "human_resources/benefit", "public_security/population",
]
misses     = [
  "human_resources/insured_elsewhere", "human_resources/enrollment", "human_resources/contribution",
  "human_resources/resident_pension", "human_resources/benefit", "public_security/population",
]
consults   = ["public_security/residence", "education/student"]
parameters = ["collection_lag_months", "new_hire_grace_days", "student_age_until", "retirement_scheme"]

[[months]]
delivery = "tax/payroll"
first    = ":period - make_interval(months => :collection_lag_months + 1)"
last     = ":period - make_interval(months => :collection_lag_months)"

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months)"
last     = ":period"

[explanation]
zh = "本地人口库没有（或已迁出）的人员，在征缴数据成熟月份由本地单位申报工资薪金，在本地各项养老保险无参保缴费记录，部级全民参保库返回的异地参保中也没有。已知的仅限于此：户籍地、是否在别处以未返回的方式参保，本平台并不掌握；请先向单位和本人核实，再督促单位参保。入职三十日内、领取养老待遇、离退休、在校、服刑、超过法定退休年龄的不列入；仅有劳务报酬的不是职工。护照等证件人员和五十岁以上女性不作判断。"
en = "Somebody whom the population register does not have, or has as moved out, was paid a taxed wage by an employer here in a month whose contributions are complete, and is in no pension insurance here nor, by what the ministry's store returned, elsewhere. No more is known: not where the person is registered, nor whether an insurance exists that was not returned. Ask employer and person before urging. New hires, pensioners, students, prisoners and labor-service income are left out; of holders of passports and women past fifty nothing is decided."

[[example]]
why     = "paid since August, registered elsewhere or moved away, insured nowhere"
today   = 2026-11-21
employer = [{ employer = "Works", area = "371082100" }]
person  = [
  { person = "Stranger", birth_on = 1990-01-01, status = "introduced" },
  { person = "Moved", birth_on = 1990-01-01, status = "moved_out" },
]
life_event = [{ person = "Moved", kind = "moved_out", happened_on = 2024-02-03 }]
payroll = [
  { person = "Stranger", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Stranger", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Moved", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Moved", employer = "Works", month = 2026-09-01, yuan = 5000 },
]
finds   = ["Stranger", "Moved"]

[[example]]
why     = "registered here is another rule's; insured here, at home, as a resident, or paid for; retired; or new"
today   = 2026-11-21
employer = [{ employer = "Works" }, { employer = "Agency" }]
person  = [
  { person = "Registered", birth_on = 1990-01-01 },
  { person = "Enrolled", birth_on = 1990-01-01, status = "introduced" },
  { person = "By the agency", birth_on = 1990-01-01, status = "introduced" },
  { person = "At home", birth_on = 1990-01-01, status = "introduced" },
  { person = "Resident", birth_on = 1990-01-01, status = "introduced" },
  { person = "Paid for", birth_on = 1990-01-01, status = "introduced" },
  { person = "Pensioner", birth_on = 1970-01-01, status = "introduced" },
  { person = "Old", birth_on = 1960-01-01, status = "introduced" },
  { person = "New", birth_on = 1990-01-01, status = "introduced" },
  { person = "Lecturer", birth_on = 1990-01-01, status = "introduced" },
  { person = "Long ago", birth_on = 1990-01-01, status = "introduced" },
  { person = "Intern", birth_on = 2004-01-01, status = "introduced" },
]
enrollment = [
  { person = "Enrolled", employer = "Works", starts_on = 2026-10-01 },
  { person = "By the agency", employer = "Agency", starts_on = 2020-01-01 },
  { person = "At home", starts_on = 2020-01-01, region = "410100" },
  { person = "Resident", insurance = "resident_pension", starts_on = 2020-01-01, region = "410100" },
]
contribution = [{ person = "Paid for", employer = "Works", month = 2026-09-01 }]
benefit = [{ person = "Pensioner", starts_on = 2020-01-01 }]
life_event = [{ person = "Intern", kind = "studying", happened_on = 2022-09-01, ends_on = 2027-07-01, state = "in_school" }]
payroll = [
  { person = "Registered", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Registered", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Enrolled", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "By the agency", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "At home", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Resident", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Paid for", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Pensioner", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Pensioner", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Old", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Old", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "New", employer = "Works", month = 2026-10-01, yuan = 5000 },
  { person = "Lecturer", employer = "Works", month = 2026-08-01, yuan = 5000, income = "labor_service" },
  { person = "Lecturer", employer = "Works", month = 2026-09-01, yuan = 5000, income = "labor_service" },
  { person = "Long ago", employer = "Works", month = 2026-05-01, yuan = 5000 },
  { person = "Intern", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Intern", employer = "Works", month = 2026-09-01, yuan = 5000 },
]
finds   = []

[[example]]
why     = "first paid in September: thirty days after its end had not passed when the deliveries end"
today   = 2026-11-21
parameters = { new_hire_grace_days = 45 }
employer = [{ employer = "Works" }]
person  = [
  { person = "New", birth_on = 1990-01-01, status = "introduced" },
  { person = "Old hand", birth_on = 1990-01-01, status = "introduced" },
]
payroll = [
  { person = "New", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Old hand", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Old hand", employer = "Works", month = 2026-09-01, yuan = 5000 },
]
finds   = ["Old hand"]

[[example]]
why     = "a holder of a passport, a woman of 52, an enrollment that ended, and perhaps a student: not for the data to decide"
today   = 2026-11-21
missing = ["education/student"]
employer = [{ employer = "Works" }]
person  = [
  { person = "Foreigner", status = "introduced", sex = "" },
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female", status = "introduced" },
  { person = "Went home", birth_on = 1990-01-01, status = "introduced" },
  { person = "Twenty", birth_on = 2006-01-01, status = "introduced" },
]
enrollment = [
  { person = "Went home", starts_on = 2020-01-01, ends_on = 2026-03-01, state = "ended", region = "410100" },
]
payroll = [
  { person = "Foreigner", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Foreigner", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Woman of 52", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Woman of 52", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Went home", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Went home", employer = "Works", month = 2026-09-01, yuan = 5000 },
  { person = "Twenty", employer = "Works", month = 2026-08-01, yuan = 5000 },
  { person = "Twenty", employer = "Works", month = 2026-09-01, yuan = 5000 },
]
finds   = []
unknown = ["Foreigner", "Woman of 52", "Went home", "Twenty"]
*/
select worker.person_key as subject_key,
       worker.person_key,
       worker.employer_key,
       employer.area,
       employer.region,
       case when worker.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       worker.doubt as unknown_because,
       (:period - make_interval(months => :collection_lag_months))::date as month,
       worker.in_the_register,
       worker.residence_registered,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       case when employer.employer_key is not null then employer end as employer,
       worker.payroll
from (
    select uninsured.person_key, uninsured.doubt, uninsured.in_the_register, uninsured.residence_registered,
           (array_agg(payroll.employer_key order by payroll.yuan desc, payroll.employer_key))[1] as employer_key,
           array_agg(payroll) as payroll
    from (
        select aged.person_key,
               case when aged.status = 'introduced' then 'no' else 'moved out' end as in_the_register,
               case when position('public_security/residence' in :missing) > 0 then 'not known'
                    when residing.person_key is not null then 'yes' else 'no' end as residence_registered,
               case
                   when aged.months_of_age is null or aged.working_until is null
                       then 'the papers tell no birth date or sex: perhaps a foreigner under a treaty'
                   when aged.months_of_age > aged.working_until
                       then 'at this age the statutory retirement age depends on the post'
                   when aged.months_of_age < :student_age_until * 12 and position('education/student' in :missing) > 0
                       then 'perhaps a student: education/student is not to be had'
                   when pension.ended
                       then 'an enrollment that ended: perhaps taken up again where it is not told'
               end as doubt
        from (
            select person.person_key, person.status,
                   months(:period) - months(person.birth_on) as months_of_age,
                   scheme.working_until
                   + greatest(0, least(scheme.cap, (months(person.birth_on) - months(scheme.first) + scheme.step)
                                                   / scheme.step)) as working_until,
                   scheme.undetermined_until
            from person
            -- paid in the month whose contributions are complete; since the month before, where the days to enroll a
            -- new hire were not over when the deliveries end
            join (
                select person_key, bool_or(month < :period - make_interval(months => :collection_lag_months)) as longer
                from wage
                where month between :period - make_interval(months => :collection_lag_months + 1)
                                and :period - make_interval(months => :collection_lag_months)
                group by person_key
            ) as paid on paid.person_key = person.person_key
            left join jsonb_to_recordset(:retirement_scheme)
                as scheme (sex text, working_until integer, first date, step integer, cap integer,
                           undetermined_until integer)
                on scheme.sex = person.sex
            where person.status in ('introduced', 'moved_out')
              and (paid.longer or :period - make_interval(months => :collection_lag_months - 1)
                                  + :new_hire_grace_days * interval '1 day' <= :data_until)
        ) as aged
        left join (
            select person_key,
                   bool_or(starts_on < :data_until
                           and ends_on > :period - make_interval(months => :collection_lag_months)) as insured,
                   bool_or(ends_on <= :period - make_interval(months => :collection_lag_months)) as ended
            from pension_spell
            group by person_key
        ) as pension on pension.person_key = aged.person_key
        left join (
            select distinct person_key
            from pension_month
            where month >= :period - make_interval(months => :collection_lag_months)
        ) as contributing on contributing.person_key = aged.person_key
        left join pensioner on pensioner.person_key = aged.person_key
        left join retiree on retiree.person_key = aged.person_key
        left join (
            select distinct person_key
            from absence
            where kind <> 'moved_out' and lasting
              and ends_on > :period - make_interval(months => :collection_lag_months)
        ) as absent on absent.person_key = aged.person_key
        left join (
            select distinct person_key from life_event where kind = 'residing' and ends_on >= :data_until
        ) as residing on residing.person_key = aged.person_key
        where pension.insured is not true
          and contributing.person_key is null
          and pensioner.person_key is null
          and retiree.person_key is null
          and absent.person_key is null
          and (aged.months_of_age is null or aged.working_until is null
               or aged.months_of_age <= greatest(aged.working_until, aged.undetermined_until))
    ) as uninsured
    join payroll
        on payroll.person_key = uninsured.person_key
       and payroll.month = :period - make_interval(months => :collection_lag_months)
       and payroll.income = 'wage'
    group by uninsured.person_key, uninsured.doubt, uninsured.in_the_register, uninsured.residence_registered
) as worker
left join employer on employer.employer_key = worker.employer_key;
