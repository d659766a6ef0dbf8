package planted

class ForbiddenCallInCpsMethod implements Serializable {

    List<String> sorted(List<String> names) {
        return names.toSorted { String one, String other -> one <=> other }
    }

}
