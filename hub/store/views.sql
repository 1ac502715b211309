-- What many rules ask, said once: who is dead, away, pensioned, insured, paid, open.
-- Made in facts_now and facts_then alike, over the facts of that schema. A view says who, and from when until when;
-- a rule says for which day. What a rule shows as evidence, a view passes on as a row under its table's name.

create function months(day date) returns integer immutable parallel safe
    return extract(year from day)::integer * 12 + extract(month from day)::integer;
comment on function months is 'A day as the number of its month, so that ages and delays are counted in months (月序号)';

create view death as
select person_key, max(day) as died_on
from (
    select person_key, happened_on as day from life_event where kind in ('death', 'cremation')
    union all
    select person_key, status_on from person where status = 'dead' and status_on is not null
) as told
group by person_key;
comment on view death is 'Who has died. Of the days that police, register and cremations tell the latest (死亡)';

create view absence as
select person_key, kind, happened_on as starts_on, ends_on,
       coalesce(state, '') not in ('left', 'graduated') as lasting
from life_event
where kind in ('death', 'cremation', 'moved_out', 'emigrated', 'enlisted', 'cancelled', 'imprisoned', 'studying');
comment on view absence is 'Who need not be insured here: dead, moved away, abroad, in the army, off the register, in prison, at school. Not lasting: still on the school''s list, but no student (无需在本地参保)';

create view pension_spell as
select person_key, insurance, employer_key, region, state, starts_on,
       case when state = 'ended' and ends_on = date '9999-12-31' then starts_on else ends_on end as ends_on
from enrollment
where insurance in ('employee_pension', 'organ_pension', 'resident_pension');
comment on view pension_spell is 'Spells in any pension insurance, here or elsewhere. One that ended on a day nobody tells is over from its start (养老保险参保)';

create view medical_spell as
select person_key, insurance, employer_key, region, state, starts_on,
       case when state = 'ended' and ends_on = date '9999-12-31' then starts_on else ends_on end as ends_on
from enrollment
where insurance in ('employee_medical', 'resident_medical', 'retired_cadre_medical');
comment on view medical_spell is 'Spells in any basic medical insurance, here or elsewhere. One that ended on a day nobody tells is over from its start (基本医疗保险参保)';

create view active_spell as
select person_key, insurance, starts_on, ends_on, enrollment,
       case when insurance in ('employee_medical', 'resident_medical') then 'medical' else 'pension' end as field
from enrollment
where insurance in ('employee_pension', 'organ_pension', 'resident_pension', 'employee_medical', 'resident_medical')
  and state = 'active';
comment on view active_spell is 'Active spells of pension and medical insurance, of which nobody is in two of one field at once (养老、医疗正常参保)';

create view pensioner as
select distinct person_key from benefit
where kind in ('employee_pension', 'organ_pension', 'resident_pension') and state <> 'ended';
comment on view pensioner is 'Who draws a pension, or is to draw it again (领取养老待遇)';

create view retiree as
select distinct person_key from enrollment where state = 'retired';
comment on view retiree is 'Whom an insurance calls retired, whether or not a pension is drawn already (离退休)';

create view wage as
select person_key, employer_key, month, yuan from payroll where income = 'wage' and yuan > 0;
comment on view wage is 'Months for which an employer paid somebody a wage; no bonus, no labor-service income (正常工资薪金)';

create view pension_month as
select person_key, employer_key, month, paid from contribution
where insurance in ('employee_pension', 'organ_pension') and kind <> 'refund';
comment on view pension_month is 'Months for which pension contributions were assessed; paid: they arrived (养老保险缴费月份)';

create view declared_base as
select employer_key, person_key, month, contribution_base, contribution
from contribution
where insurance = 'employee_pension' and kind = 'regular' and employer_key <> '00000000-0000-0000-0000-000000000000';
comment on view declared_base is 'What an employer declared as the base of each of its staff for a month (申报缴费基数)';

create view hardship as
select person_key, case when kind = 'disability' then 'severe_disability' else kind end as kind,
       starts_on, ends_on, area, assistance
from assistance
where state = 'active' and (kind <> 'disability' or level in ('1', '2'));
comment on view hardship is 'Who is in hardship, by the lists of those who help: of the disabled the severely disabled (困难群体)';

create view open_employer as
select employer.employer_key, employer.kind, employer.industry, employer.region, employer.area, employer.status,
       employer.registered_on, employer.legal_representative_key,
       coalesce(closed.closes_on, date '9999-12-31') as closes_on, employer
from employer
left join (
    select employer_key, min(closed_on) as closes_on from employer_closure group by employer_key
) as closed on closed.employer_key = employer.employer_key
where employer.status in ('operating', 'introduced');
comment on view open_employer is 'Employers that their register does not call closed or gone; closes_on: the first day any authority calls them closed (存续单位)';

create view closed_employer as
select employer_key, min(day) as closed_on
from (
    select employer_key, closed_on as day from employer_closure
    union all
    select employer_key, status_on from employer where status in ('cancelled', 'revoked')
) as told
group by employer_key;
comment on view closed_employer is 'Employers that any authority calls cancelled or revoked, since the first day told; null where none tells the day (注销、吊销单位)';

create view staffed_employer as
select employer_key, insurance, starts_on, ends_on from enrollment
where state = 'active' and employer_key <> '00000000-0000-0000-0000-000000000000'
union all
select employer_key, insurance, date '0001-01-01', ends_on from employer_account
where kind = 'social_insurance' and state = 'normal' and headcount > 0;
comment on view staffed_employer is 'In which insurances an employer has somebody: by the spells of its staff, or by an account that counts staff (已有职工参保的单位)';

create view employee_spell as
select person_key, insurance, employer_key, region, starts_on,
       case when state = 'ended' and ends_on = date '9999-12-31' then starts_on else ends_on end as ends_on
from enrollment
where insurance in ('employee_pension', 'organ_pension', 'employee_medical', 'unemployment', 'injury')
  and state in ('active', 'ended');
comment on view employee_spell is 'Spells in any insurance of employees. One without an employer is a flexible worker''s own, or, in another place, of whoever employs there (职工各险种参保)';

create view exempt_worker as
select person_key, date '1900-01-01' as starts_on, date '9999-12-31' as ends_on from pensioner
union all
select person_key, date '1900-01-01', date '9999-12-31' from retiree
union all
select person_key, starts_on, ends_on from absence
where kind in ('death', 'cremation', 'studying', 'imprisoned', 'enlisted') and lasting;
comment on view exempt_worker is 'Whom an employer that pays them need not insure: pensioners, the retired, the dead, students, prisoners, soldiers. Who moved away and works here is none of them (无需由用人单位参保)';

create function of_working_age(birth_on date, sex text, day date, scheme jsonb) returns boolean stable parallel safe
    return (
        select case when months(day) - months(birth_on) <= told.certain_until then true
                    when months(day) - months(birth_on) > greatest(told.certain_until, told.undetermined_until) then false
               end
        from (
            select working_until
                   + greatest(0, least(cap, (months(birth_on) - months(first) + step) / step)) as certain_until,
                   undetermined_until
            from jsonb_to_recordset(scheme)
                as kinds (sex text, working_until integer, first date, step integer, cap integer, undetermined_until integer)
            where kinds.sex = of_working_age.sex
        ) as told
    );
comment on function of_working_age is 'Whether somebody has not reached the statutory retirement age, by the parameter retirement_scheme; null where sex or birth are not told or the age depends on the post (是否未达法定退休年龄)';

create function unenrolled_staff(
    period date, data_until date, region text, grace_days integer, student_age integer, missing text, scheme jsonb
) returns table (employer_key uuid, employees bigint) stable parallel safe
begin atomic
    select staff.employer_key, staff.employees
    from (
        select earning.employer_key,
               count(*) filter (where earning.settled and earning.of_age
                                      and not (earning.young and position('education/student' in missing) > 0)) as employees,
               -- asked of those who are left, not of everyone who earns
               count(*) filter (where earning.of_age is not false) as perhaps
        from (
            select paid.employer_key,
                   paid.since + interval '1 month' + grace_days * interval '1 day' <= data_until as settled,
                   of_working_age(person.birth_on, person.sex, period, scheme) as of_age,
                   person.birth_on > period - make_interval(years => student_age) as young
            from (
                -- a month more than counts: after February the days of who was first paid in January are not over
                select wage.employer_key, wage.person_key, min(wage.month) as since, max(wage.month) as until
                from wage
                left join employer as owned
                    on owned.employer_key = wage.employer_key and owned.kind = 'individual_business'
                   and owned.legal_representative_key = wage.person_key
                where wage.month between period - interval '2 months' and period
                  and owned.employer_key is null
                group by wage.employer_key, wage.person_key
            ) as paid
            left join person on person.person_key = paid.person_key
            left join (
                select distinct person_key from exempt_worker where ends_on >= data_until
            ) as exempt on exempt.person_key = paid.person_key
            left join (
                select distinct spell.person_key
                from employee_spell as spell
                where (spell.employer_key <> '00000000-0000-0000-0000-000000000000'
                       or spell.region <> unenrolled_staff.region)
                  and spell.starts_on < data_until and spell.ends_on >= data_until
            ) as insured on insured.person_key = paid.person_key
            where paid.until >= period - interval '1 month'
              and exempt.person_key is null
              and insured.person_key is null
        ) as earning
        group by earning.employer_key
    ) as staff
    where staff.perhaps > 0;
end;
comment on function unenrolled_staff is 'Employers that paid wages in the period or the month before to somebody whom no employer insures, and how many of these must be enrolled for certain: not newly hired, not near retirement, not perhaps at school (有工资而无任何单位参保的职工)';

create view employer_spell as
select person_key, employer_key, insurance, region, starts_on,
       case when state = 'ended' and ends_on = date '9999-12-31' then starts_on else ends_on end as ends_on
from enrollment
where state in ('active', 'ended')
  and (employer_key <> '00000000-0000-0000-0000-000000000000'
       or (insurance in ('employee_pension', 'organ_pension', 'injury') and coalesce(contributor, 'employee') = 'employee'));
comment on view employer_spell is 'Spells in which an employer enrolled somebody, in whatever insurance; without an employer: one in another place (单位职工参保)';

create view excused as
-- a wage tells that somebody works there also two months later
select wage.employer_key, wage.person_key, wage.month as starts_on, (wage.month + interval '3 months')::date as ends_on
from wage
join (
    select person_key, '00000000-0000-0000-0000-000000000000'::uuid as employer_key, starts_on, ends_on from exempt_worker
    union all
    select person_key, employer_key, starts_on, ends_on from employer_spell
) as otherwise
    on otherwise.person_key = wage.person_key and otherwise.employer_key <> wage.employer_key
   and otherwise.starts_on < wage.month + interval '1 month' and otherwise.ends_on > wage.month;
comment on view excused is 'To whom an employer pays wages without having to enroll them: exempt, or enrolled by another (无须由其参保的人员)';

create view obliged_employer as
select employer_key, kind, industry, region, area, status, registered_on, closes_on, employer,
       case when kind = 'individual_business' then 1 else 0 end as owners,
       case
           when kind in ('branch', 'other') then 'perhaps insured through its head office'
           when status = 'introduced' and kind <> 'public_institution'
               then 'not in the register here: perhaps insured where it is registered'
       end as doubt
from open_employer;
comment on view obliged_employer is 'Employers in existence; owners: who works there without being employed; doubt: why its staff may be insured elsewhere (应为职工参保的单位)';

create view listing as
select listed.employer_key, delivery.name as delivery, listed.kind, listed.label, listed.starts_on, listed.ends_on,
       listed.headcount, listed.part_headcount, listed as employer_listing
from employer_listing as listed
join public.delivery on delivery.id = listed.delivery_id
where coalesce(listed.state, '') <> 'ended';
comment on view listing is 'Employers on an authority''s list, by the delivery that lists them (单位名单)';

create view accounted_for as
-- the list stands in each half, or everybody's staff would be gathered for the few that are listed
select listed.delivery, spell.employer_key, spell.person_key, spell.insurance, true as enrolled,
       spell.starts_on, spell.ends_on
from (select distinct delivery, employer_key from listing) as listed
join employer_spell as spell on spell.employer_key = listed.employer_key
union all
select listed.delivery, excused.employer_key, excused.person_key, null, false, excused.starts_on, excused.ends_on
from (select distinct delivery, employer_key from listing) as listed
join excused on excused.employer_key = listed.employer_key;
comment on view accounted_for is 'Of the staff of employers that a delivery lists those about whom nothing is to be asked: the employer enrolled them, or need not (名单单位已参保或无须由其参保的人员)';

create view roster as
select rolled.person_key, rolled.employer_key, delivery.name as delivery, rolled.kind, rolled.starts_on, rolled.ends_on,
       rolled as employment
from employment as rolled
join public.delivery on delivery.id = rolled.delivery_id
left join employer as owned
    on owned.employer_key = rolled.employer_key and owned.kind = 'individual_business'
   and owned.legal_representative_key = rolled.person_key
where coalesce(rolled.state, '') <> 'ended'
  and rolled.employer_key <> '00000000-0000-0000-0000-000000000000'
  and owned.employer_key is null;
comment on view roster is 'Who works for which employer by a roll, by the delivery that says so; who owns an individual business is not employed (从业人员名册)';
