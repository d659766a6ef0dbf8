package planted

class ObjectOverrideOnlyNonCpsMethods implements Serializable {

    @Override
    String toString() {
        return 'interpreted step by step, which String.valueOf cannot do'
    }

}
